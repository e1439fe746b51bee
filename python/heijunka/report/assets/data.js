// The replay's series, unpacked. Each column gets its last value once more at the end of the axis: a bucket lasts.
const DATA = JSON.parse(document.getElementById('data').textContent);

function unpack(packed) {
  const scale = 10 ** packed.d;
  const values = [];
  for (const item of packed.v) {
    const [value, times] = Array.isArray(item) ? item : [item, 1];
    for (let i = 0; i < times; i++) values.push(value === null ? null : value / scale);
  }
  if (values.length) values.push(values[values.length - 1]);
  return values;
}

const END = DATA.end;
const TIMES = Array.from({ length: DATA.points + 1 }, (_, i) => Math.min(i * DATA.bucket, END));
const POOLS = DATA.pools.map((packed, index) => {
  const pool = { index, name: DATA.names[index] || '(no name)', shown: index < DATA.shown };
  for (const key of Object.keys(packed)) pool[key] = unpack(packed[key]);
  pool.total = pool.b.map((value, i) => (value === null ? null : value + (pool.s[i] || 0)));
  return pool;
});

function shownPools() {
  return POOLS.filter((pool) => pool.shown);
}

// The sum of a series over the pools that are shown.
function sumOf(key) {
  const sum = new Array(DATA.points + 1).fill(0);
  for (const pool of shownPools()) pool[key].forEach((value, i) => { sum[i] += value || 0; });
  return sum;
}

// Columns on top of one another, the highest first, so that each covers the one below it.
function stacked(columns) {
  const sums = [];
  let below = new Array(DATA.points + 1).fill(0);
  for (const column of columns) {
    below = below.map((value, i) => value + (column[i] || 0));
    sums.unshift(below);
  }
  return sums;
}

// Means over `grain` points each, and the last value once more.
function coarse(values, grain) {
  if (grain === 1) return values;
  const means = [];
  for (let i = 0; i < DATA.points; i += grain) {
    const known = values.slice(i, Math.min(i + grain, DATA.points)).filter((value) => value !== null);
    means.push(known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null);
  }
  return means.concat(means.slice(-1));
}

function coarseTimes(grain) {
  return grain === 1 ? TIMES : TIMES.slice(0, -1).filter((_, i) => i % grain === 0).concat(END);
}
