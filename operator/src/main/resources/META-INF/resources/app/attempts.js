// Losses of workers and suspensions, and what came of them.

import {h} from './dom.js';
import {clock, duration, isNumber, plural, sentence, words} from './format.js';
import {since} from './parts.js';

const SOURCES = {
  Live: 'from the memory of the workers that lived',
  Checkpoint: 'from the newest checkpoint',
  Beginning: 'from the beginning: there was no checkpoint yet',
};

/** The newest first. */
export function attempts(all, isOver) {
  if (all.length === 0) {
    return h('p', {class: 'muted calm'}, 'None. Every worker that was started still runs, or has done its work.');
  }
  const longest = Math.max(...all.map(({recoverSeconds}) => recoverSeconds ?? 0));
  const bars = longest > 0 && h('p', {class: 'muted key'},
    h('span', {}, h('i', {class: 'noticed'}), 'until it was noticed'),
    h('span', {}, h('i', {class: 'recovered'}), 'until training went on'));
  return [bars, h('ol', {class: 'timeline'}, all.toReversed().map((attempt) => entry(attempt, longest, isOver)))];
}

function entry(attempt, longest, isOver) {
  const {rank, incarnation, cause, charged, message, exitCode, detected, recovered} = attempt;
  const suspended = cause === 'Suspended';
  return h('li', {class: recovered ? 'over' : 'open'},
    h('p', {class: 'what'},
      h('b', {}, suspended ? 'Suspended' : `Rank ${rank} · ${sentence(words(cause))}`),
      !suspended && h('span', {class: `badge ${charged ? 'charged' : 'free'}`},
        charged ? 'charged' : 'not charged'),
      h('span', {class: 'muted'}, since(detected))),
    spans(attempt, longest),
    h('p', {class: 'muted'}, story(attempt, isOver)),
    message && h('details', {'data-key': `attempt-${incarnation}-${detected}`},
      h('summary', {}, suspended ? 'Why' : 'Its last words',
        isNumber(exitCode) ? ` · exit status ${exitCode}` : ''),
      h('p', {class: 'own-words'}, message),
      h('p', {class: 'muted'}, `incarnation ${incarnation}, noticed ${clock(detected)}`)));
}

/** Two pieces of a bar: until it was noticed, and until training went on. */
function spans({detectSeconds, recoverSeconds}, longest) {
  if (!isNumber(recoverSeconds) || longest === 0) {
    return undefined;
  }
  const noticed = Math.min(detectSeconds ?? 0, recoverSeconds);
  const share = (seconds) => `${(100 * seconds) / longest}%`;
  return h('div', {class: 'spans', 'aria-hidden': 'true'},
    h('span', {class: 'noticed', vars: {'--share': share(noticed)}}),
    h('span', {class: 'recovered', vars: {'--share': share(recoverSeconds - noticed)}}));
}

function story({detectSeconds, recoverSeconds, lostSteps, resumedFrom, recovered, cause}, isOver) {
  const parts = [
    isNumber(detectSeconds) && cause !== 'Suspended' && `noticed after ${duration(detectSeconds)}`,
    recovered ? isNumber(recoverSeconds) ? `training went on after ${duration(recoverSeconds)}` : 'training went on'
      : isOver ? 'training did not go on' : 'training has not gone on yet',
    resumedFrom && SOURCES[resumedFrom],
    isNumber(lostSteps) && (lostSteps === 0 ? 'no step was lost' : `${plural(lostSteps, 'step')} made again`),
  ];
  return sentence(parts.filter(Boolean).join(', ')) + '.';
}
