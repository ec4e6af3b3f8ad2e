// The upper part of a job's page: what it is, how it is, how far it is.

import {h} from './dom.js';
import {compact, duration, isNumber, plural, rate, secondsBetween, significant, whole} from './format.js';
import {bar, chip, command, ring, since} from './parts.js';
import {advice, headline} from './words.js';

/** Name, phase and age. */
export function heading(namespace, name, created, phase) {
  return [
    h('div', {},
      h('nav', {class: 'trail', 'aria-label': 'Where this is'},
        h('a', {href: '#/', 'data-key': 'all'}, 'Jobs'), h('span', {'aria-hidden': 'true'}, '/'),
        h('span', {}, namespace)),
      h('div', {class: 'title'}, h('h1', {}, name), chip(phase))),
    h('p', {class: 'muted'}, 'created ', since(created)),
  ];
}

/** What matters most now, in the job's own words, and what to type. */
export function headlineBanner(namespace, name, phase, conditions) {
  const said = headline(conditions, phase);
  const typed = advice({namespace, name}, phase);
  if (!said || phase === 'Running') {
    return undefined;
  }
  return h('div', {class: `banner ${said.tone}`, role: 'status'},
    h('p', {}, h('b', {}, `${said.title}. `), h('span', {class: 'own-words'}, said.why)),
    typed && h('p', {class: 'muted'}, typed[0]), typed && command(typed[1]));
}

/** The bar. */
export function progress(phase, done, startTime, completionTime) {
  return [
    h('div', {class: 'numbers'},
      h('p', {}, h('b', {class: 'percent'}, `${done?.percent ?? 0}%`),
        h('span', {class: 'muted'}, done
          ? ` ${whole(done.step)} of ${plural(done.totalSteps, 'step')} · ${compact(done.tokens)} tokens`
          : ' not begun')),
      h('p', {class: 'muted'}, timeLeft(phase, done, startTime, completionTime))),
    bar(done?.percent, phase, 'Steps done'),
  ];
}

function timeLeft(phase, done, startTime, completionTime) {
  if (completionTime && startTime) {
    return `${phase === 'Complete' ? 'took' : 'ended after'} ${duration(secondsBetween(startTime, completionTime))}`;
  }
  return done?.eta && phase === 'Running' ? `about ${done.eta} left` : '';
}

/** The numbers people look for first. */
export function tiles(status, phase) {
  const {progress: done, workers, restarts, goodputPercent} = status;
  return [
    tile('Training loss', significant(done?.loss), 'nats per token'),
    tile('Held-out loss', significant(done?.heldOutLoss), gained(done)),
    tile('Throughput', rate(phase === 'Running' ? done?.tokensPerSecond : undefined),
      phase === 'Running' ? 'tokens per second, all workers' : 'not running'),
    tile('Workers ready', workers?.desired ? `${workers.ready}/${workers.desired}` : '–',
      restarts ? plural(restarts, 'charged restart') : 'no restarts'),
    h('div', {class: 'card tile with-ring'},
      h('div', {}, h('h2', {}, 'Goodput'), h('p', {class: 'muted'}, 'of the time went into steps that count')),
      ring(goodputPercent, 'Goodput')),
  ];
}

function tile(title, value, remark) {
  return h('div', {class: 'card tile'}, h('h2', {}, title), h('p', {class: 'value'}, value),
    h('p', {class: 'muted'}, remark));
}

function gained(done) {
  return isNumber(done?.heldOutLoss) && isNumber(done?.initialHeldOutLoss)
    ? `from ${significant(done.initialHeldOutLoss)} before the first step`
    : 'on text it never trains on';
}
