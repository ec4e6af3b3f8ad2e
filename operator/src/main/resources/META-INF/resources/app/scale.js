// From numbers to places on the screen, and which numbers to write beside an axis.

/** A linear scale from values to pixels. */
export function linear([from, to], [start, end]) {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/** A scale by factors; values must be above 0. */
export function logarithmic([from, to], range) {
  const place = linear([Math.log(from), Math.log(to)], range);
  return (value) => place(Math.log(value));
}

/** About so many round numbers within a range. */
export function ticks([from, to], count) {
  const step = roundStep((to - from || Math.abs(to) || 1) / count);
  const result = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to + step * 1e-6; tick += step) {
    result.push(Number(tick.toPrecision(12)));
  }
  return result;
}

/** About so many whole numbers within a range. */
export function wholeTicks([from, to], count) {
  return ticks([from, to], Math.min(count, Math.max(1, to - from))).filter(Number.isInteger);
}

/** Numbers for an axis by factors: 1, 2 and 5 of every power of ten, or round ones if few fit. */
export function logTicks([from, to], count) {
  const result = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
    result.push(...[1, 2, 5].map((digit) => Number((digit * 10 ** power).toPrecision(12))));
  }
  const within = result.filter((tick) => tick >= from && tick <= to);
  if (within.length < 3) {
    return ticks([from, to], count);
  }
  return within.length <= 2 * count ? within : within.filter((tick) => /^0?\.?0*1/.test(String(tick)));
}

function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999);
  return digit * power;
}

/** The range of numbers, a little wider than they are. */
export function extent(values, {fromZero = false, positive = false} = {}) {
  const known = values.filter((value) => Number.isFinite(value) && (!positive || value > 0));
  if (known.length === 0) {
    return positive ? [1, 10] : [0, 1];
  }
  const high = known.reduce((one, other) => Math.max(one, other));
  const low = fromZero ? 0 : known.reduce((one, other) => Math.min(one, other));
  if (positive) {
    const edge = Math.max((high / low) ** 0.05, 1.02);
    return [low / edge, high * edge];
  }
  const edge = (high - low || Math.abs(high) || 1) * 0.06;
  return [fromZero ? 0 : low - edge, high + edge];
}
