// What stands under the cursor, beside it and, for the keyboard, said aloud.
const tip = document.createElement('div');
tip.className = 'tip';
tip.hidden = true;
tip.setAttribute('aria-hidden', 'true');
let active = null;
// A tap's reading stays until the next tap elsewhere, whatever mouse events the browser makes of it.
let touched = false;
const MOST_ROWS = 10;
const MOST_EVENTS = 4;

function part(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// The values at a point, largest first where they are pools.
function rowsAt(spec, plot, i) {
  const rows = [];
  spec.series.forEach((line, k) => {
    if (line.tip === false || !plot.series[k + 1].show) return;
    const value = line.value ? line.value(i) : plot.data[k + 1][i];
    if (value === null || value === undefined) return;
    rows.push({
      value, color: line.color, pool: line.pool, name: line.pool ? line.pool.name : line.label,
      shown: line.say ? line.say(line.pool, i) : spec.shown(value),
    });
  });
  return spec.series[0].pool ? rows.sort((a, b) => b.value - a.value) : rows;
}

function eventsAt(u, left) {
  const from = u.posToVal(left - 7, 'x');
  const to = u.posToVal(left + 7, 'x');
  const at = u.posToVal(left, 'x');
  const events = shownMarks().filter((mark) => mark.at >= from && mark.at <= to)
    .map((mark) => clock(mark.at) + ' ' + whatHappened(mark) + ': ' + mark.reason);
  const running = shownSurges().find((surge) => surge.start < from && surge.end > to && surge.start <= at);
  if (running) events.push('Surge in ' + poolName(running.pool) + ' since ' + clock(running.start));
  return events;
}

function indexAt(u) {
  return Math.min(u.cursor.idx, u.data[0].length - 2);
}

function timeAt(chart, i) {
  const times = chart.plot.data[0];
  return chart.grain === 1 ? clock(times[i]) : clock(times[i]) + ' to ' + clock(times[i + 1]);
}

function fillTip(chart, u) {
  const i = indexAt(u);
  const rows = rowsAt(chart.spec, u, i);
  const events = eventsAt(u, u.cursor.left);
  const nodes = [part('div', 'time', timeAt(chart, i))];
  for (const row of rows.slice(0, MOST_ROWS)) {
    const node = part('div', 'row');
    const swatch = part('span', 'swatch' + (row.pool ? ' d' + Math.min(Math.floor(row.pool.index / 8), 3) : ''));
    swatch.style.background = ink(row.color);
    node.append(swatch, part('bdi', 'name', row.name), part('b', '', row.shown));
    nodes.push(node);
  }
  if (rows.length > MOST_ROWS) nodes.push(part('div', 'time', 'and ' + (rows.length - MOST_ROWS) + ' more'));
  if (!rows.length) nodes.push(part('div', 'time', 'no value'));
  for (const event of events.slice(0, MOST_EVENTS)) nodes.push(part('div', 'event', event));
  if (events.length > MOST_EVENTS) nodes.push(part('div', 'time', 'and ' + (events.length - MOST_EVENTS) + ' more'));
  tip.replaceChildren(...nodes);
}

function cursorMoved(chart, u) {
  if (chart !== active) return;
  const { left, idx } = u.cursor;
  if (left === undefined || left < 0 || idx === null || idx === undefined) {
    tip.hidden = true;
    return;
  }
  if (tip.parentNode !== chart.host) chart.host.append(tip);
  fillTip(chart, u);
  tip.hidden = false;
  const x = left + u.over.offsetLeft;
  const room = chart.host.clientWidth;
  const width = tip.offsetWidth;
  const beside = x + 16 + width <= room ? x + 16 : x - 16 - width;
  tip.style.left = Math.max(4, Math.min(beside, room - width - 4)) + 'px';
  // Where there is little room, below the plot instead of over it.
  tip.style.top = (room < 480 ? chart.plot.height : LANE + 8) + 'px';
}

function say(chart, u) {
  const i = indexAt(u);
  const rows = rowsAt(chart.spec, u, i).slice(0, MOST_ROWS).map((row) => row.name + ' ' + row.shown);
  const events = eventsAt(u, u.cursor.left).slice(0, MOST_EVENTS);
  document.getElementById('spoken').textContent = [timeAt(chart, i)].concat(rows, events).join('; ');
}

function moveTo(chart, index) {
  const u = chart.plot;
  const times = u.data[0];
  const at = times[Math.max(0, Math.min(times.length - 2, index))];
  if (at < view.from || at > view.to) {
    const length = view.to - view.from;
    setWindow(at - length / 2, at + length / 2);
  }
  requestAnimationFrame(() => {
    active = chart;
    u.setCursor({ left: u.valToPos(at, 'x'), top: u.over.clientHeight / 2 }, true, true);
    say(chart, u);
  });
}

function hideTip() {
  tip.hidden = true;
  if (active) active.plot.setCursor({ left: -10, top: -10 }, true, true);
  active = null;
}

function startTouch() {
  document.addEventListener('pointerdown', (event) => {
    touched = event.pointerType === 'touch';
    if (touched && active && !active.host.contains(event.target)) hideTip();
  }, true);
}

function listen(chart) {
  const { over } = chart.plot;
  over.addEventListener('mouseenter', () => { active = chart; });
  over.addEventListener('mouseleave', () => { if (active === chart && !touched) { tip.hidden = true; active = null; } });
  over.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'touch') return;
    active = chart;
    const box = over.getBoundingClientRect();
    chart.plot.setCursor({ left: event.clientX - box.left, top: event.clientY - box.top }, true, true);
  });
  chart.host.addEventListener('blur', () => { if (active === chart && !touched) hideTip(); });
  chart.host.addEventListener('keydown', (event) => {
    const { plot } = chart;
    const first = plot.valToIdx(view.from);
    const last = plot.valToIdx(view.to);
    const idx = active === chart ? plot.cursor.idx : null;
    const now = idx === null || idx === undefined ? first - 1 : idx;
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, PageDown: now + 20, PageUp: now - 20, Home: first, End: last }[event.key];
    const zoom = { '+': 'in', '=': 'in', '-': 'out' }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to !== undefined) moveTo(chart, to);
    else if (zoom) zoomBy(zoom, chart);
    else if (event.key === 'Escape') { hideTip(); setWindow(0, END); } else return;
    event.preventDefault();
  });
}
