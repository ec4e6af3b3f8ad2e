// Numbers and times as people read them.

const WHOLE = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const COMPACT = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});
const SIGNIFICANT = new Intl.NumberFormat('en', {
  minimumSignificantDigits: 4, maximumSignificantDigits: 4, useGrouping: false});
const CLOCK = new Intl.DateTimeFormat('en', {
  month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
  hourCycle: 'h23'});

/** 1,234,567 */
export function whole(value) {
  return isNumber(value) ? WHOLE.format(value) : '–';
}

/** 1.2M */
export function compact(value) {
  return isNumber(value) ? COMPACT.format(value) : '–';
}

/** Tokens per second: 6,150, 48,200, 1.2M */
export function rate(value) {
  return isNumber(value) && Math.abs(value) >= 100_000 ? compact(value) : whole(value);
}

/** A loss or a norm: four digits that count. */
export function significant(value) {
  if (!isNumber(value)) {
    return value === undefined || value === null ? '–' : 'not a number';
  }
  if (value === 0) {
    return '0';
  }
  return Math.abs(value) < 1e-3 ? value.toExponential(2) : SIGNIFICANT.format(value);
}

export function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Seconds as 2d 3h, 1h 4m, 5m 21s, 12 s, 0.4 s. */
export function duration(seconds) {
  if (!isNumber(seconds)) {
    return '–';
  }
  if (seconds < 59.5) {
    return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  }
  seconds = Math.round(seconds);
  const units = [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  const [[big, size], [small, smaller]] = [units[first], units[first + 1]];
  const rest = Math.floor((seconds % size) / smaller);
  return `${Math.floor(seconds / size)}${big}` + (rest > 0 ? ` ${rest}${small}` : '');
}

/** Seconds between two RFC 3339 times; the second may be absent: now. */
export function secondsBetween(from, to) {
  return ((to ? Date.parse(to) : Date.now()) - Date.parse(from)) / 1000;
}

/** 5 min ago */
export function ago(time) {
  const seconds = Math.max(0, secondsBetween(time));
  if (seconds < 5) {
    return 'just now';
  }
  if (seconds < 90) {
    return `${Math.round(seconds)} s ago`;
  }
  if (seconds < 90 * 60) {
    return `${Math.round(seconds / 60)} min ago`;
  }
  return seconds < 36 * 3_600
    ? `${Math.round(seconds / 3_600)} h ago`
    : `${Math.round(seconds / 86_400)} days ago`;
}

/** Nov 25, 13:04:05 */
export function clock(time) {
  return CLOCK.format(new Date(time));
}

/** 1 step, 2 steps */
export function plural(count, noun) {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** QuotaExceeded → quota exceeded; OOMKilled → OOM killed. */
export function words(camelCase) {
  return camelCase
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(' ')
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}

/** The first letter large. */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
