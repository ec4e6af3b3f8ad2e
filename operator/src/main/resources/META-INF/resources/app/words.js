// What conditions mean, in plain words, and what a person can do.

import {sentence, words} from './format.js';

const MEANING = {
  Running: {True: ['run', 'Steps are being made'], False: ['rest', 'No steps are being made']},
  PodsReady: {True: ['good', 'Every worker is ready'], False: ['warn', 'Not every worker is ready']},
  Restarting: {True: ['warn', 'A lost worker is being replaced'], False: ['rest', 'No worker is missing']},
  Resizing: {True: ['wait', 'The number of workers is being changed'], False: ['rest', 'As many workers as asked for']},
  Stalled: {True: ['warn', 'A worker keeps all others waiting'], False: ['rest', 'No worker is stuck']},
  CheckpointFailing: {
    True: ['bad', 'The newest checkpoint could not be written; training goes on'],
    False: ['rest', 'Checkpoints can be written']},
  Suspended: {True: ['rest', 'Suspended: nothing runs'], False: ['rest', 'Not suspended']},
  Complete: {True: ['good', 'All steps are done and saved'], False: ['rest', 'Not complete yet']},
  Failed: {True: ['bad', 'The job gave up'], False: ['rest', 'Not failed']},
};

// The higher, the more of what is going on it explains.
const WEIGHT = {
  Failed: 9, Complete: 8, Suspended: 7, CheckpointFailing: 6, Stalled: 5, Restarting: 4, Resizing: 3,
  Running: 2, PodsReady: 1,
};

/** A condition as {tone, title, why, matters, weight}. */
export function explained(condition, phase) {
  const {type, status, reason, message} = condition;
  const [tone, title] = MEANING[type]?.[status] ?? [
    status === 'True' ? 'wait' : 'rest',
    `${sentence(words(type))}: ${status === 'Unknown' ? 'not known' : status === 'True' ? 'yes' : 'no'}`];
  const why = message || sentence(words(reason));
  return {tone, title, why, repeats: why.toLowerCase() === title.toLowerCase(),
    matters: matters(condition, phase), weight: WEIGHT[type] ?? 1};
}

/** What holds is worth a line; of what does not hold, only workers that are missing. */
function matters({type, status}, phase) {
  const over = phase === 'Complete' || phase === 'Failed' || phase === 'Suspended';
  if (type === 'PodsReady' || type === 'Running') {
    return !over && (status === 'True' || type === 'PodsReady');
  }
  return status === 'True';
}

/** The one condition that says best how a job is. */
export function headline(conditions, phase) {
  return conditions
    .map((condition) => explained(condition, phase))
    .filter((each) => each.matters)
    .sort((one, other) => other.weight - one.weight)[0];
}

/** What a person may type next, for a job as it is. */
export function advice({namespace, name}, phase) {
  const at = `-n ${namespace}`;
  switch (phase) {
    case 'Failed':
      return ['What its workers said last:',
        `kubectl logs ${at} -l training.megalodon.dev/job=${name} --prefix --tail=50`];
    case 'Pending':
    case 'Starting':
      return ['What Kubernetes says about its pods:',
        `kubectl describe pods ${at} -l training.megalodon.dev/job=${name}`];
    case 'Suspended':
      return ['To let it go on:',
        `kubectl patch mtj ${name} ${at} --type merge -p '{"spec":{"suspend":false}}'`];
    default:
      return undefined;
  }
}
