// Numbers as people read them; null reads as a dash.
const NBSP = '\u00a0';
const plain = [0, 1, 2, 3, 4].map((digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }));
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

function figure(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(2).replace('e+', 'e');
  if (size >= 1e5) return short.format(value);
  return plain[size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4].format(value);
}

function percent(value) {
  return value === null || value === undefined ? '–' : figure(Math.round(value * 1000) / 10) + NBSP + '%';
}

function money(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  const shown = size >= 1e5 ? figure(value) : value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return DATA.currency === 'USD' ? '$' + shown : shown + NBSP + DATA.currency;
}

// As few decimals as keep one tick apart from the next.
function moneyTick(value, step) {
  const digits = step >= 1 ? 0 : Math.min(8, Math.max(2, Math.ceil(-Math.log10(step))));
  if (value >= 1e5) return money(value);
  const shown = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return DATA.currency === 'USD' ? '$' + shown : shown;
}

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-9));
  const pad = (part) => String(part).padStart(2, '0');
  return Math.floor(whole / 3600) + ':' + pad(Math.floor(whole / 60) % 60) + ':' + pad(whole % 60);
}
