// What more than one page shows.

import {h, svg} from './dom.js';
import {ago, clock} from './format.js';

const TONES = {
  Pending: 'wait', Starting: 'wait', Running: 'run', Restarting: 'warn',
  Suspended: 'rest', Complete: 'good', Failed: 'bad',
};

/** How a phase feels: a class name. */
export function tone(phase) {
  return TONES[phase] ?? 'rest';
}

/** The phase, in a word and a colour. */
export function chip(phase) {
  return h('span', {class: `chip ${tone(phase)}`}, h('span', {class: 'dot', 'aria-hidden': 'true'}),
    phase);
}

/** A bar that is filled to a share. */
export function bar(percent, phase, label) {
  const share = Math.max(0, Math.min(100, percent ?? 0));
  return h('div', {
    class: `bar ${tone(phase)}`, role: 'progressbar', 'aria-label': label,
    'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': share,
  }, h('span', {vars: {'--share': `${share}%`}}));
}

/** A time as "5 min ago" that goes on by itself; the exact time is its tooltip. */
export function since(time) {
  return h('time', {datetime: time, title: clock(time), 'data-ago': true}, ago(time));
}

/** Keeps all of these true. */
export function keepTime() {
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-ago]')) {
      const text = ago(element.getAttribute('datetime'));
      if (element.textContent !== text) {
        element.textContent = text;
      }
    }
  }, 1_000);
}

/** A command to copy. */
export function command(text) {
  const button = h('button', {type: 'button', class: 'copy', onclick: copy}, 'Copy');
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it by hand';
    }
    setTimeout(() => (button.textContent = 'Copy'), 2_000);
  }
  return h('div', {class: 'command'}, h('pre', {tabindex: 0}, h('code', {}, text)), button);
}

/** A line of losses without axes; decoration, so it says nothing to those who listen. */
export function sparkline(points, width = 120, height = 32) {
  const drawn = svg('svg', {
    class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none',
    'aria-hidden': 'true'});
  if (points.length > 1) {
    const place = placing(points, width, height);
    const line = points.map((point) => place(point).join(',')).join(' L');
    const [lastX] = place(points.at(-1));
    const [firstX] = place(points[0]);
    drawn.append(
      svg('path', {class: 'under', d: `M${line} L${lastX},${height} L${firstX},${height} Z`}),
      svg('path', {class: 'line', d: `M${line}`}));
  }
  return drawn;
}

function placing(points, width, height) {
  const losses = points.map((point) => point.loss);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const [first, last] = [points[0].step, points.at(-1).step];
  return ({step, loss}) => [
    (((step - first) / (last - first || 1)) * width).toFixed(1),
    (height - 3 - ((loss - low) / (high - low || 1)) * (height - 6)).toFixed(1),
  ];
}

/** A share as a ring with its number inside. */
export function ring(percent, label) {
  const known = percent !== undefined && percent !== null;
  return svg('svg', {class: 'ring', viewBox: '0 0 64 64', role: 'img',
    'aria-label': known ? `${label} ${percent} percent` : `${label} not known yet`},
  svg('circle', {class: 'track', cx: 32, cy: 32, r: 27}),
  known && percent > 0 && svg('circle', {class: `share ${shade(percent)}`, cx: 32, cy: 32, r: 27, pathLength: 100,
    'stroke-dasharray': `${percent} 100`, transform: 'rotate(-90 32 32)'}),
  svg('text', {x: 32, y: 37, 'text-anchor': 'middle'}, known ? `${percent}%` : '–'));
}

function shade(percent) {
  return percent >= 80 ? 'good' : percent >= 50 ? 'warn' : 'bad';
}
