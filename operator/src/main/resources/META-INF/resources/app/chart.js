// A line chart over steps, drawn as SVG: axes, lines, marks, and a readout under the pointer or the
// arrow keys.

import {h, say, svg} from './dom.js';
import {compact, plural, whole} from './format.js';
import {nearest} from './curve.js';
import {extent, linear, logarithmic, logTicks, ticks, wholeTicks} from './scale.js';

const MARGIN = {top: 22, right: 14, bottom: 28, left: 52};

/**
 * A chart. Settings: title, unit, height, number (how a value is written), fromZero, withLog (a
 * button for a logarithmic scale), plain (no legend). Data, each time it changes: series [{name, look, points: [{step,
 * value}]}], of which the first is the one that is read out, marks [{step, label, look}] and notes
 * [step] on the axis.
 */
export class Chart {
  #settings;
  #data = {series: [], marks: [], notes: []};
  #log = false;
  #focus;
  #plot = svg('svg', {class: 'plot', tabindex: 0, role: 'img'});
  #readout = h('div', {class: 'readout', hidden: true});
  #spoken = h('p', {class: 'unseen', 'aria-live': 'polite'});
  #legend = h('ul', {class: 'legend'});
  #frame;

  constructor(settings) {
    this.#settings = settings;
    this.#frame = h('div', {class: 'frame', vars: {'--height': `${settings.height}px`}},
      this.#plot, this.#readout);
    this.element = h('figure', {class: 'chart card'},
      h('figcaption', {}, h('h2', {}, settings.title),
        h('span', {class: 'unit'}, settings.unit), !settings.plain && this.#legend,
        settings.withLog && this.#logButton()),
      this.#frame, this.#spoken);
    this.#plot.addEventListener('pointermove', (event) => this.#point(event));
    this.#plot.addEventListener('pointerleave', () => this.#unfocus());
    this.#plot.addEventListener('blur', () => this.#unfocus());
    this.#plot.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#draw()).observe(this.#frame);
  }

  #logButton() {
    const button = h('button', {type: 'button', class: 'toggle', 'aria-pressed': 'false',
      onclick: () => {
        this.#log = !this.#log;
        button.setAttribute('aria-pressed', String(this.#log));
        this.#draw();
      }}, 'Log scale');
    return button;
  }

  /** Shows other data. */
  update(data) {
    this.#data = data;
    this.element.classList.toggle('quiet', this.#main.length === 0);
    this.#draw();
  }

  get #main() {
    return this.#data.series[0]?.points ?? [];
  }

  #draw() {
    const {clientWidth: width, clientHeight: height} = this.#frame;
    if (width === 0) {
      return;
    }
    this.#plot.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const scales = this.#scales(width, height);
    this.#plot.replaceChildren(...this.#axes(scales), ...this.#marks(scales),
      ...this.#notes(scales), ...this.#lines(scales), this.#crosshair(scales));
    this.#plot.setAttribute('aria-label', this.#summary());
    this.#drawLegend();
    this.#read(scales);
  }

  #scales(width, height) {
    const points = this.#data.series.flatMap((series) => series.points);
    const steps = points.map((point) => point.step);
    const xs = steps.length > 0
      ? [steps.reduce((a, b) => Math.min(a, b)), steps.reduce((a, b) => Math.max(a, b))] : [0, 1];
    const box = {left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top,
      bottom: height - MARGIN.bottom};
    const ys = extent(points.map((point) => point.value),
      {fromZero: this.#settings.fromZero && !this.#log, positive: this.#log});
    const y = (this.#log ? logarithmic : linear)(ys, [box.bottom, box.top]);
    return {box, xs, ys, x: linear(xs, [box.left, box.right]), y, isEmpty: points.length === 0};
  }

  #axes({box, xs, ys, x, y, isEmpty}) {
    if (isEmpty) {
      return [svg('text', {class: 'nothing', x: (box.left + box.right) / 2,
        y: (box.top + box.bottom) / 2, 'text-anchor': 'middle'}, this.#data.missing ?? 'nothing yet')];
    }
    const rows = (this.#log ? logTicks : ticks)(ys, Math.max(3, (box.bottom - box.top) / 42));
    const columns = wholeTicks(xs, Math.max(2, (box.right - box.left) / 110));
    const number = this.#settings.axis ?? compact;
    return [
      ...rows.map((tick) => svg('g', {class: 'row'},
        svg('line', {x1: box.left, x2: box.right, y1: y(tick), y2: y(tick)}),
        svg('text', {x: box.left - 8, y: y(tick) + 4, 'text-anchor': 'end'}, number(tick)))),
      svg('line', {class: 'ground', x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom}),
      ...columns.map((tick) => svg('text', {x: x(tick), y: box.bottom + 20, 'text-anchor': 'middle'},
        xs[1] >= 100_000 ? compact(tick) : whole(tick))),
    ];
  }

  #marks({box, x, isEmpty}) {
    return isEmpty ? [] : this.#data.marks.map(({step, label, look}) => svg('g',
      {class: `mark ${look}`},
      svg('title', {}, label),
      svg('line', {x1: x(step), x2: x(step), y1: box.top - 6, y2: box.bottom}),
      svg('path', {d: `M${x(step)},${box.top - 16} l6,5 l-6,5 l-6,-5 z`})));
  }

  #notes({box, x, xs, isEmpty}) {
    return isEmpty ? [] : this.#data.notes
      .filter((step) => step >= xs[0] && step <= xs[1])
      .map((step) => svg('path', {class: 'note',
        d: `M${x(step)},${box.bottom - 5} l4,5 l-4,5 l-4,-5 z`}));
  }

  #lines({x, y}) {
    return this.#data.series.toReversed().flatMap(({look, points, dots}) => {
      const visible = points.filter(({value}) => !this.#log || value > 0 || Number.isNaN(value));
      const line = svg('path', {class: `line ${look}`, d: path(visible, x, y)});
      return dots
        ? [line, ...visible.filter(({value}) => Number.isFinite(value)).map(({step, value}) =>
          svg('circle', {class: `spot ${look}`, cx: x(step), cy: y(value), r: 3}))]
        : [line];
    });
  }

  #crosshair({box, x, y}) {
    const point = this.#main[this.#focus];
    if (!point) {
      return svg('g');
    }
    return svg('g', {class: 'crosshair'},
      svg('line', {x1: x(point.step), x2: x(point.step), y1: box.top, y2: box.bottom}),
      ...this.#valuesAt(point.step)
        .filter(({value}) => Number.isFinite(value) && (!this.#log || value > 0))
        .map(({look, step, value}) =>
          svg('circle', {class: `spot ${look}`, cx: x(step), cy: y(value), r: 4.5})));
  }

  /** The value of each series at a step, or the newest before it. */
  #valuesAt(step) {
    return this.#data.series.filter((series) => series.name && series.points.length > 0)
      .map(({name, look, points, dots}) => {
        const at = dots ? points.findLast((point) => point.step <= step)
          : points[nearest(points.map((point) => point.step), step)];
        return {name, look, step: at?.step, value: at?.value};
      })
      .filter(({step: found}) => found !== undefined);
  }

  #read({x, box}) {
    const point = this.#main[this.#focus];
    this.#readout.hidden = !point;
    if (!point) {
      return;
    }
    const values = this.#valuesAt(point.step);
    this.#readout.replaceChildren(
      h('b', {}, `step ${whole(point.step)}`), point.note && h('span', {class: 'when'}, point.note),
      ...values.map(({name, look, value}) => h('span', {class: 'value'},
        h('i', {class: `swatch ${look}`}), `${name} `, h('b', {}, this.#settings.number(value)))));
    const onTheRight = x(point.step) < (box.left + box.right) / 2;
    this.#readout.style.setProperty('--x', `${x(point.step)}px`);
    this.#readout.classList.toggle('left', !onTheRight);
    say(this.#spoken, `step ${point.step}: ` + values.map(({name, value}) =>
      `${name} ${this.#settings.number(value)}`).join(', '));
  }

  #drawLegend() {
    const named = this.#data.series.filter(({name, points}) => name && points.length > 0);
    const entries = named.map(({name, look}) => h('li', {}, h('i', {class: `swatch ${look}`}), name));
    if (this.#data.marks.length > 0) {
      entries.push(h('li', {}, h('i', {class: 'swatch flag'}), 'interruption'));
    }
    if (this.#data.notes.length > 0) {
      entries.push(h('li', {}, h('i', {class: 'swatch diamond'}), 'checkpoint'));
    }
    this.#legend.replaceChildren(...entries);
  }

  #summary() {
    const last = this.#main.at(-1);
    if (!last) {
      return `${this.#settings.title}: ${this.#data.missing ?? 'nothing yet'}`;
    }
    const first = this.#main[0];
    return `${this.#settings.title}, ${plural(this.#main.length, 'point')}: `
      + `${this.#settings.number(first.value)} at step ${whole(first.step)}, `
      + `${this.#settings.number(last.value)} at step ${whole(last.step)}. `
      + 'Arrow keys read the points out.';
  }

  #point(event) {
    const {left} = this.#plot.getBoundingClientRect();
    const {box, xs} = this.#scales(this.#frame.clientWidth, this.#frame.clientHeight);
    const step = linear([box.left, box.right], xs)(event.clientX - left);
    this.#moveTo(nearest(this.#main.map((point) => point.step), step));
  }

  #key(event) {
    const last = this.#main.length - 1;
    const stride = event.shiftKey ? Math.max(1, Math.round(last / 20)) : 1;
    const from = this.#focus ?? last;
    const to = {ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: last}[event.key];
    if (to !== undefined && last >= 0) {
      event.preventDefault();
      this.#moveTo(Math.max(0, Math.min(last, to)));
    } else if (event.key === 'Escape') {
      this.#unfocus();
    }
  }

  #moveTo(index) {
    if (this.#main.length > 0 && index !== this.#focus) {
      this.#focus = index;
      this.#draw();
    }
  }

  #unfocus() {
    if (this.#focus !== undefined) {
      this.#focus = undefined;
      this.#draw();
    }
  }
}

/** A line with gaps where a value is none. */
function path(points, x, y) {
  let pen = 'M';
  return points.map(({step, value}) => {
    if (!Number.isFinite(value)) {
      pen = 'M';
      return '';
    }
    const part = `${pen}${x(step).toFixed(1)},${y(value).toFixed(1)}`;
    pen = 'L';
    return part;
  }).join('');
}
