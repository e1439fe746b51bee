// The charts: one description each, all on one time axis with one cursor and one window.
const CHARTS = [];
const view = { from: 0, to: END };
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3]];
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400]
  .concat([2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * 86400));
const stepped = uPlot.paths.stepped({ align: 1 });

function poolSeries(key, extra) {
  return POOLS.map((pool) => ({
    pool, column: () => pool[key], color: 'c' + (pool.index % 8), width: 1.6,
    dash: DASHES[Math.min(Math.floor(pool.index / 8), 3)], ...extra,
  }));
}

function upTo(floor) {
  return (u, low, high) => [0, Math.max(floor, Number.isFinite(high) && high > 0 ? high * 1.06 : floor)];
}

function thresholds() {
  return DATA.thresholds.map((value) => [value, '']);
}

function workerSeries() {
  const total = poolSeries('total', { paths: stepped, dash: [3, 3], width: 1.2, tip: false });
  return total.concat(poolSeries('b', {
    paths: stepped,
    say: (pool, i) => figure(pool.b[i]) + (pool.s[i] ? ' + ' + figure(pool.s[i]) + ' surge' : ''),
  }));
}

const SPECS = {
  utilization: () => ({ coarse: true, series: poolSeries('u'), shown: percent, range: upTo(1), band: [0.6, 0.8] }),
  demand: () => ({ series: poolSeries('d'), shown: percent, range: upTo(1), levels: thresholds() }),
  flow: () => ({
    shown: (value) => figure(value) + '/s', axis: figure, range: upTo(1),
    series: [
      { label: 'Arrivals', column: () => sumOf('a'), color: 'flow', fill: 'flow-soft', width: 1.2 },
      { label: 'Admitted', column: () => sumOf('m'), color: 'accent', width: 1.6 },
      { label: 'Refused', column: () => sumOf('r'), color: 'alarm', width: 1.6 },
    ],
  }),
  refused: () => {
    const columns = DATA.refused.map(unpack);
    const layers = stacked(columns);
    return {
      shown: (value) => figure(value) + '/s', axis: figure, range: upTo(0),
      series: DATA.refused.map((_, k) => columns.length - 1 - k).map((k, layer) => ({
        label: DATA.refused[k].code, column: () => layers[layer], color: 'r' + k, fill: 'r' + k, width: 0.6, paths: stepped,
        say: (_, i) => figure(columns[k][i]) + '/s', value: (i) => columns[k][i],
      })),
    };
  },
  workers: () => ({
    series: workerSeries(), shown: figure, range: upTo(1),
    bands: POOLS.map((pool) => ({ series: [pool.index + 1, pool.index + 1 + POOLS.length], color: 'c' + (pool.index % 8) })),
  }),
  waiting: () => ({ series: poolSeries('w'), shown: figure, range: upTo(1) }),
  balance: () => ({
    series: [{ label: 'Coefficient', column: () => unpack(DATA.balance), color: 'accent', width: 1.6, paths: stepped }],
    coarse: true, shown: figure, range: () => [0, 1], levels: [[0.8, 'balanced from 0.8'], [0.5, 'critical below 0.5']],
  }),
  cost: () => ({
    series: [{ label: 'Cost so far', column: () => unpack(DATA.cost), color: 'accent', fill: 'accent-soft', width: 1.6 }],
    shown: money, axis: moneyTick, range: upTo(0),
  }),
};

function axes(spec) {
  const common = { stroke: () => ink('soft'), ticks: { show: false }, font: '12px ' + getComputedStyle(document.body).fontFamily };
  return [
    { ...common, size: 34, space: 84, gap: 9, incrs: STEPS, values: (u, ticks) => ticks.map(clock), grid: { show: false } },
    {
      ...common, size: 58, space: 34, gap: 6, grid: { stroke: () => ink('grid'), width: 1 },
      values: (u, ticks, axis, space, step) => ticks.map((value) => (spec.axis || spec.shown)(value, step)),
    },
  ];
}

function options(chart, width) {
  const { spec } = chart;
  return {
    width, height: 212, padding: [LANE + 4, 28, 0, 0], legend: { show: false }, focus: { alpha: 0.18 },
    cursor: {
      y: false, drag: { x: true, y: false, dist: 8, setScale: false },
      sync: { key: 'time', setSeries: false, scales: ['x', null], filters: { pub: isMove, sub: isMove } },
      points: { size: 9, width: 1.5, fill: (u, i) => u.series[i].stroke(u, i), stroke: () => ink('card') },
      bind: {
        dblclick: () => () => { setWindow(0, END); return null; },
        mouseleave: (u, target, leave) => (event) => (touched ? null : leave(event)),
      },
    },
    scales: { x: { time: false, range: (u, low, high) => [low, high] }, y: { range: spec.range } },
    axes: axes(spec),
    series: [{}].concat(spec.series.map((line) => ({
      show: !line.pool || line.pool.shown, stroke: () => ink(line.color), width: line.width, dash: line.dash, paths: line.paths,
      fill: line.fill ? () => ink(line.fill) : undefined, points: { show: false }, spanGaps: false,
    }))),
    bands: (spec.bands || []).map((band) => ({ series: band.series, fill: () => ink(band.color) + '2e' })),
    hooks: {
      drawClear: [(u) => drawBackground(u, spec)],
      drawAxes: [(u) => drawLevels(u, spec)],
      draw: [(u) => { drawLevelNames(u, spec); chart.host.dataset.lines = drawMarks(u); chart.host.dataset.drawn = 'true'; }],
      setSelect: [(u) => selected(u)],
      setCursor: [(u) => cursorMoved(chart, u)],
    },
  };
}

function isMove(type) {
  return type === 'mousemove' || type === 'mouseleave';
}

function selected(u) {
  if (u.select.width < 4) return;
  const from = u.posToVal(u.select.left, 'x');
  const to = u.posToVal(u.select.left + u.select.width, 'x');
  u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  setWindow(from, to);
}

// A line between bounds that trembles more than the eye can follow gets a point for every two pixels: means over `grain`
// points. Lines whose peaks matter keep all their points.
function grainOf({ host, spec }) {
  if (!spec.coarse) return 1;
  const points = (view.to - view.from) / DATA.bucket;
  return Math.max(1, Math.ceil(points / Math.max(80, (host.clientWidth - 90) / 2)));
}

function columnsOf({ spec, grain }) {
  return [coarseTimes(grain)].concat(spec.series.map((line) => coarse(line.column(), grain)));
}

function makeChart(host) {
  const spec = SPECS[host.dataset.chart]();
  const chart = { host, spec, plot: null, grain: 1 };
  chart.grain = grainOf(chart);
  chart.plot = new uPlot(options(chart, Math.max(host.clientWidth, 200)), columnsOf(chart), host);
  host.dataset.series = String(spec.series.length);
  CHARTS.push(chart);
  listen(chart);
  new ResizeObserver(() => {
    const width = Math.max(host.clientWidth, 200);
    if (width === chart.plot.width || printing) return;
    chart.plot.setSize({ width, height: 212 });
    setWindow(view.from, view.to);
  }).observe(host);
}

// All charts show the time between `from` and `to`, which is never shorter than two points nor outside the trace.
function setWindow(from, to) {
  const least = Math.min(END, 2 * DATA.bucket);
  const length = Math.min(END, Math.max(to - from, least));
  view.from = Math.min(Math.max(0, from), END - length);
  view.to = view.from + length;
  for (const chart of CHARTS) {
    const grain = grainOf(chart);
    if (grain !== chart.grain) {
      chart.grain = grain;
      chart.plot.setData(columnsOf(chart), false);
    }
    chart.plot.setScale('x', { min: view.from, max: view.to });
  }
  windowChanged();
}

function poolsChanged() {
  for (const chart of CHARTS) {
    const { spec, plot } = chart;
    plot.batch(() => {
      spec.series.forEach((line, i) => {
        if (line.pool && plot.series[i + 1].show !== line.pool.shown) plot.setSeries(i + 1, { show: line.pool.shown });
      });
      if (!spec.series[0].pool) plot.setData(columnsOf(chart), false);
    });
    plot.setScale('x', { min: view.from, max: view.to });
  }
}

function focusPool(index) {
  for (const { spec, plot } of CHARTS) {
    if (!spec.series[0].pool) continue;
    const i = index === null ? -1 : spec.series.findLastIndex((line) => line.pool.index === index);
    plot.setSeries(i < 0 ? null : i + 1, { focus: true });
  }
}
