// The controls around the charts: window, pools, the list of marks, sorting.
function zoomBy(what, chart) {
  const length = view.to - view.from;
  const idx = chart && active === chart ? chart.plot.cursor.idx : null;
  const middle = idx === null || idx === undefined ? view.from + length / 2 : chart.plot.data[0][idx];
  const share = (middle - view.from) / length;
  if (what === 'in') setWindow(middle - share * length / 2, middle + (1 - share) * length / 2);
  else if (what === 'out') setWindow(middle - share * length * 2, middle + (1 - share) * length * 2);
  else if (what === 'left') setWindow(view.from - length / 2, view.to - length / 2);
  else if (what === 'right') setWindow(view.from + length / 2, view.to + length / 2);
  else setWindow(0, END);
}

function windowChanged() {
  const whole = view.from <= 0 && view.to >= END;
  document.getElementById('window').textContent = clock(view.from) + ' to ' + clock(view.to);
  for (const button of document.querySelectorAll('[data-zoom]')) {
    const what = button.dataset.zoom;
    button.disabled = { out: whole, whole, left: view.from <= 0, right: view.to >= END, in: view.to - view.from <= 2 * DATA.bucket }[what];
  }
}

function startZoom() {
  for (const button of document.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () => zoomBy(button.dataset.zoom, null));
  }
}

function startPools() {
  const boxes = [...document.querySelectorAll('[data-pool]')];
  const sync = () => boxes.forEach((box) => { box.checked = POOLS[Number(box.dataset.pool)].shown; });
  for (const box of boxes) {
    const pool = POOLS[Number(box.dataset.pool)];
    box.addEventListener('change', () => { pool.shown = box.checked; poolsChanged(); });
    const label = box.parentElement;
    label.addEventListener('mouseenter', () => pool.shown && focusPool(pool.index));
    label.addEventListener('mouseleave', () => focusPool(null));
  }
  for (const button of document.querySelectorAll('[data-pick]')) {
    button.addEventListener('click', () => {
      const pick = button.dataset.pick;
      POOLS.forEach((pool) => { pool.shown = pick === 'all' || (pick === 'top' && pool.index < DATA.shown); });
      sync();
      poolsChanged();
    });
  }
  sync();
}

const PAGE = 200;

function startMarks() {
  const body = document.getElementById('marks');
  if (!body) return;
  const pick = document.getElementById('pick-marks');
  const more = document.getElementById('more-marks');
  let found = MARKS;
  let upTo = 0;
  const add = () => {
    const rows = found.slice(upTo, upTo + PAGE).map((mark) => {
      const row = part('tr');
      const head = part('th');
      head.scope = 'row';
      const go = part('button', '', clock(mark.at));
      go.type = 'button';
      go.addEventListener('click', () => showMark(mark));
      head.append(go);
      row.append(head, part('td', '', whatHappened(mark)), part('td', '', mark.reason));
      return row;
    });
    body.append(...rows);
    upTo += rows.length;
    more.hidden = upTo >= found.length;
    document.getElementById('marks-count').textContent = upTo < found.length
      ? 'The first ' + figure(upTo) + ' of ' + figure(found.length) : found.length ? figure(found.length) + ' in all' : 'None of these';
  };
  const restart = () => {
    found = MARKS.filter((mark) => mark.kind.startsWith(pick.value));
    upTo = 0;
    body.replaceChildren();
    add();
  };
  pick.addEventListener('change', restart);
  more.addEventListener('click', add);
  restart();
}

function showMark(mark) {
  const half = Math.max(END / 24, 10 * DATA.bucket);
  setWindow(mark.at - half, mark.at + half);
  const chart = CHARTS[0];
  if (!chart) return;
  chart.host.closest('figure').scrollIntoView({ block: 'start' });
  chart.host.focus({ preventScroll: true });
  moveTo(chart, chart.plot.valToIdx(mark.at));
}

function startSorting() {
  for (const button of document.querySelectorAll('table[data-sortable] th button')) {
    const head = button.parentElement;
    const table = head.closest('table');
    button.addEventListener('click', () => {
      const column = Number(button.dataset.column);
      const down = head.getAttribute('aria-sort') !== 'descending' && column > 0 || head.getAttribute('aria-sort') === 'ascending';
      const sign = down ? -1 : 1;
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.sort === undefined ? null : Number(cell.dataset.sort);
      };
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x !== null && y !== null) return sign * (x - y);
        if (x !== null || y !== null) return x === null ? 1 : -1;
        return sign * a.cells[column].textContent.localeCompare(b.cells[column].textContent);
      });
      for (const other of table.querySelectorAll('th[aria-sort]')) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      table.tBodies[0].append(...rows);
    });
  }
}

function startPrinting() {
  addEventListener('beforeprint', () => {
    printing = true;
    applyTheme();
    for (const { plot } of CHARTS) plot.setSize({ width: 620, height: 180 });
  });
  addEventListener('afterprint', () => {
    printing = false;
    applyTheme();
    for (const { host, plot } of CHARTS) plot.setSize({ width: Math.max(host.clientWidth, 200), height: 212 });
  });
}
