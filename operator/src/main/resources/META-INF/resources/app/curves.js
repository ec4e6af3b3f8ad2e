// What the charts of a job show.

import {isJittery, smoothed, stepAt} from './curve.js';
import {clock, duration, isNumber, plural, words} from './format.js';

/** Training loss, its trend, and the loss on held-out text. */
export function lossData(curve, job) {
  if (!curve || curve.step.length === 0) {
    return {...nothing(job), series: fromStatus(job)};
  }
  const held = curve.heldOutStep.map((step, index) => ({step, value: curve.heldOutLoss[index]}));
  return {
    series: [
      ...withTrend(curve, curve.loss, 'training', 'train', lastOf(job, curve, 'loss')),
      {name: 'held-out', look: 'held', dots: true,
        points: [...held, ...lastHeldOut(job, held)]},
    ],
    marks: interruptions(curve, job),
    notes: curve.checkpoints.map(({step}) => step),
  };
}

/** Tokens per second. */
export function speedData(curve, job) {
  // The worker has smoothed it; more would hide the dips.
  return single(curve, job, 'tokensPerSecond', 'speed', 'speed', measured);
}

/** The norm of the gradient. */
export function gradientData(curve, job) {
  return single(curve, job, 'gradientNorm', 'norm', 'norm', withTrend);
}

function single(curve, job, field, name, look, lines) {
  if (!curve || curve.step.length === 0) {
    return {...nothing(job), series: []};
  }
  return {series: lines(curve, curve[field], name, look), marks: interruptions(curve, job),
    notes: []};
}

/** The trend is what is read out; the values behind it are what was measured. */
function withTrend(curve, values, name, look, more = []) {
  const [all] = measured(curve, values, name, look, more);
  return isJittery(values)
    ? [...measured(curve, smoothed(values), name, look, more),
      {look: `${look} faint`, points: all.points}]
    : [all];
}

function measured(curve, values, name, look, more = []) {
  const points = curve.step.map((step, index) =>
    ({step, value: values[index], note: clock(curve.time[index])}));
  return [{name, look, points: [...points, ...more]}];
}

/** The end of a finished job may not have been asked for before its workers left. */
function lastOf(job, curve, field) {
  const {phase, progress} = job.status ?? {};
  return phase === 'Complete' && isNumber(progress[field]) && progress.step > curve.step.at(-1)
    ? [{step: progress.step, value: progress[field]}] : [];
}

function lastHeldOut(job, held) {
  const {phase, progress} = job.status ?? {};
  return phase === 'Complete' && isNumber(progress?.heldOutLoss)
    && progress.step > (held.at(-1)?.step ?? 0)
    ? [{step: progress.step, value: progress.heldOutLoss}] : [];
}

function fromStatus(job) {
  const points = job.losses.map(({step, loss}) => ({step, value: loss}));
  return points.length > 1 ? [{name: 'training', look: 'train', points}] : [];
}

/** Where the job was when it lost workers; several at once are one mark. */
function interruptions(curve, job) {
  const byStep = new Map();
  for (const attempt of job.status?.attempts ?? []) {
    const step = stepAt(curve, Date.parse(attempt.ended ?? attempt.detected));
    if (step !== undefined) {
      byStep.set(step, [...(byStep.get(step) ?? []), attempt]);
    }
  }
  return [...byStep].map(([step, together]) => ({
    step,
    look: together.some(({charged}) => charged) ? 'charged' : 'free',
    label: together.map(told).join('; '),
  }));
}

function told({rank, cause, recoverSeconds, lostSteps}) {
  return (cause === 'Suspended' ? 'suspended' : `rank ${rank}: ${words(cause)}`)
    + (isNumber(recoverSeconds) ? `, training went on after ${duration(recoverSeconds)}` : '')
    + (lostSteps ? `, ${plural(lostSteps, 'step')} made again` : '');
}

function nothing(job) {
  const phase = job.status?.phase;
  const over = phase === 'Complete' || phase === 'Failed';
  return {
    missing: over
      ? 'this operator has not seen the run; its step log is in the checkpoint folder'
      : 'no worker has told anything yet',
    marks: [], notes: [],
  };
}
