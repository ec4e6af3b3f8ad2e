// The curve of a job: put together from answers, smoothed, and searched.

/** Keeps a curve up to date from answers that tell only what is new. */
export class CurveKeeper {
  curve;
  live = true;

  /** What to ask next. */
  question() {
    if (!this.curve) {
      return '';
    }
    const {incarnation, revision, step} = this.curve;
    return `?since=${step.at(-1) ?? -1}&revision=${incarnation}.${revision}`;
  }

  /** Takes in an answer. */
  take({live, curve}) {
    this.live = live;
    if (!curve) {
      return;
    }
    const known = this.curve;
    const goesOn = known && known.incarnation === curve.incarnation
      && known.revision === curve.revision;
    this.curve = goesOn ? joined(known, curve) : asNumbers(curve);
  }
}

const PER_STEP = ['step', 'time', 'loss', 'gradientNorm', 'tokensPerSecond'];

function joined(known, curve) {
  const more = asNumbers(curve);
  const lists = PER_STEP.map((name) => [name, known[name].concat(more[name])]);
  return {...more, ...Object.fromEntries(lists)};
}

/** JSON has no NaN; the worker writes it as text. */
function asNumbers(curve) {
  const lists = [...PER_STEP, 'heldOutStep', 'heldOutLoss'];
  return {...curve, ...Object.fromEntries(lists.map((name) => [name, curve[name].map(Number)]))};
}

/**
 * The same values without their jitter: each the mean of those around it, as many on either side
 * (but for the end), so that the line does not lag behind where it is steep.
 */
export function smoothed(values) {
  const most = Math.round(values.length / 50);
  return values.map((value, index) => {
    const half = Math.min(most, index);
    const around = values.slice(index - half, index + half + 1).filter(Number.isFinite);
    return Number.isFinite(value) ? around.reduce((sum, each) => sum + each, 0) / around.length : NaN;
  });
}

/** Whether smoothing shows anything that the values do not. */
export function isJittery(values) {
  return values.length >= 80;
}

/** Where on the axis of steps a moment lies; nowhere without a curve. */
export function stepAt(curve, moment) {
  const {time, step} = curve;
  const after = time.findIndex((each) => each > moment);
  if (after === -1) {
    return step.at(-1);
  }
  return after === 0 ? undefined : step[after - 1];
}

/** The index of the point nearest to a step. */
export function nearest(steps, step) {
  let low = 0;
  let high = steps.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    [low, high] = steps[middle] <= step ? [middle, high] : [low, middle];
  }
  return step - steps[low] <= steps[high] - step ? low : high;
}
