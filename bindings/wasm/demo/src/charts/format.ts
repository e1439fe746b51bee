// Numbers as people read them; what isn't known reads as a dash.

export type Known = number | null | undefined;

export const DASH = '–';
export const NBSP = '\u00a0';

const plain = [0, 1, 2, 3, 4].map((digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }));
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

/** About three significant digits: 0.0312, 4.25, 1,204, 46.9K. */
export function figure(value: Known): string {
  if (value === null || value === undefined) return DASH;
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(2).replace('e+', 'e');
  if (size >= 1e5) return compact.format(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  return (plain[digits] as Intl.NumberFormat).format(value);
}

/** A share in percent, to a tenth. */
export function percent(value: Known): string {
  return value === null || value === undefined ? DASH : figure(Math.round(value * 1000) / 10) + NBSP + '%';
}

/** An amount of money: $43.30, or 43.30 EUR. */
export function money(value: Known, currency: string): string {
  if (value === null || value === undefined) return DASH;
  const shown = Math.abs(value) >= 1e5 ? figure(value) : decimals(value, 2);
  return currency === 'USD' ? '$' + shown : shown + NBSP + currency;
}

/** Money on an axis: as few decimals as keep one tick apart from the next. */
export function moneyTick(value: number, step: number, currency: string): string {
  if (value >= 1e5) return money(value, currency);
  const digits = step >= 1 ? 0 : Math.min(8, Math.max(2, Math.ceil(-Math.log10(step))));
  const shown = decimals(value, digits);
  return currency === 'USD' ? '$' + shown : shown;
}

/** A time of the run as h:mm:ss. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds + 1e-9));
  const pad = (part: number) => String(part).padStart(2, '0');
  return Math.floor(whole / 3600) + ':' + pad(Math.floor(whole / 60) % 60) + ':' + pad(whole % 60);
}

/** A count with its noun: 1 worker, 3 workers. */
export function many(count: number, noun: string): string {
  return figure(count) + ' ' + noun + (count === 1 ? '' : 's');
}

function decimals(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A size as people read it. */
export function bytes(size: number): string {
  if (size < 1000) return many(size, 'byte');
  const [scaled, unit] = size < 1e6 ? [size / 1e3, 'kB'] : [size / 1e6, 'MB'];
  return figure(scaled) + NBSP + unit;
}
