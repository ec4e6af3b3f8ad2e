// The right column of a job's page.

import {h} from './dom.js';
import {duration, plural, whole} from './format.js';
import {since} from './parts.js';
import {explained} from './words.js';

const MOST_RANKS = 256;

/** What holds now, in plain words; the rest is a click away. */
export function conditions(all, phase) {
  if (all.length === 0) {
    return h('p', {class: 'muted calm'}, 'The operator has said nothing about it yet.');
  }
  const each = all.map((condition) => ({condition, said: explained(condition, phase)}))
    .sort((one, other) => other.said.weight - one.said.weight);
  const now = each.filter(({said}) => said.matters);
  const rest = each.filter(({said}) => !said.matters);
  return [
    h('ul', {class: 'conditions'}, now.map(line)),
    rest.length > 0 && h('details', {'data-key': 'conditions'},
      h('summary', {}, `${rest.length} more that ${rest.length === 1 ? 'does' : 'do'} not matter now`),
      h('ul', {class: 'conditions'}, rest.map(line))),
  ];
}

function line({condition, said}) {
  return h('li', {class: said.tone},
    h('p', {}, h('b', {}, said.title)),
    !said.repeats && h('p', {class: 'own-words'}, said.why),
    h('p', {class: 'muted'}, `${condition.type} = ${condition.status}, ${condition.reason}, `,
      since(condition.lastTransitionTime)));
}

/** Those this operator heard of, the newest first. */
export function checkpoints(newest, told, spec, step, phase) {
  const known = new Map(told.map((each) => [each.step, each]));
  if (newest) {
    known.set(newest.step, {...known.get(newest.step), ...newest});
  }
  const list = [...known.values()].sort((one, other) => other.step - one.step);
  return [
    list.length === 0
      ? h('p', {class: 'muted calm'}, 'None yet.')
      : h('ul', {class: 'saved'}, list.slice(0, Math.max(3, spec.checkpointsKept)).map(saved)),
    h('p', {class: 'muted'}, `every ${plural(spec.checkpointEverySteps, 'step')}, the newest `
      + `${spec.checkpointsKept} are kept on claim ${spec.checkpointClaim}`, next(spec, step, phase)),
  ];
}

function saved({step, time, uri, digest, seconds}) {
  return h('li', {},
    h('p', {}, h('b', {}, `step ${whole(step)}`),
      h('span', {class: 'muted'}, time && since(time), seconds > 0 && ` · written in ${duration(seconds)}`)),
    uri && h('p', {class: 'path', title: uri}, uri),
    digest && h('p', {class: 'path muted', title: digest}, digest.slice(0, 23) + '…'));
}

function next({checkpointEverySteps: every, training}, step, phase) {
  return phase === 'Running'
    ? `; the next after step ${whole(Math.min(training.steps, (Math.floor(step / every) + 1) * every))}` : '';
}

/** A square for each rank, and those that are slow. */
export function ranks(all, slow, workers, wanted, phase) {
  const slowRanks = new Map(slow.map((each) => [each.rank, each]));
  const shown = all.slice(0, MOST_RANKS);
  return [
    h('p', {}, h('b', {}, team(workers, wanted, phase))),
    shown.length > 0 && h('ul', {class: 'ranks', 'aria-label': 'Ranks'},
      shown.map((rank) => square(rank, slowRanks.get(rank.rank), phase))),
    all.length > MOST_RANKS && h('p', {class: 'muted'}, `and ${plural(all.length - MOST_RANKS, 'rank')} more`),
    ...slow.map(({rank, ratio, computeSeconds}) => h('p', {class: 'slow'},
      h('b', {}, `Rank ${rank} is slow: `), `it computes ${ratio.toFixed(1)} times as long as the median, `
        + `${duration(computeSeconds)} of every step.`)),
  ];
}

function team(workers, wanted, phase) {
  if (phase === 'Complete' || phase === 'Failed') {
    return `${plural(wanted, 'worker')}, ended`;
  }
  return workers?.desired ? `${workers.ready} of ${workers.desired} ready`
    : phase === 'Suspended' ? 'None while suspended' : `${plural(wanted, 'worker')} wanted`;
}

function square({rank, incarnation, pod, failures, nextStart}, slow, phase) {
  const waits = nextStart && Date.parse(nextStart) > Date.now();
  const over = phase === 'Complete' || phase === 'Failed' || phase === 'Suspended';
  const look = over ? 'ended' : waits ? 'waits' : slow ? 'slow' : pod ? 'there' : 'absent';
  const told = [`rank ${rank}`, pod ?? 'no pod', `incarnation ${incarnation}`,
    failures ? plural(failures, 'failure') + ' in a row' : undefined,
    waits ? 'waits before it is started again' : undefined].filter(Boolean).join(', ');
  return h('li', {class: look, title: told}, h('span', {'aria-hidden': 'true'}, rank),
    h('span', {class: 'unseen'}, told));
}

/** What the job was asked to do, as far as that tells anything. */
export function recipe(spec) {
  const {model, training, parallelism} = spec;
  const {optimizer, schedule} = training;
  const dimensions = model.dimensions;
  const rows = [
    ['Model', model.preset ?? `${dimensions.layers} layers × ${dimensions.modelDim}, chunk ${dimensions.chunkSize}`],
    ['Data', `${spec.sources.map(({volume, path}) => (path === '.' ? volume : `${volume}/${path}`)).join(', ')} (${spec.format}, ${spec.tokenizer})`],
    ['Sequence', `${whole(spec.sequenceLength)} tokens`],
    ['Batch', `${plural(training.globalBatchSequences, 'sequence')} a step`],
    ['Optimizer', `AdamW, rate ${optimizer.learningRate}, ${schedule.kind}`],
    ['Precision', training.precision],
    ['Mesh', `${parallelism.workers / parallelism.chunkParallel} data × ${parallelism.chunkParallel} chunk parallel`],
    ['Device', spec.device],
    ['Seed', training.seed],
  ];
  return h('dl', {class: 'recipe'}, rows.filter(([, value]) => value !== undefined)
    .flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
}
