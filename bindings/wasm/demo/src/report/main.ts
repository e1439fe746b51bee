// The script of the report that `heijunka replay --report` writes: charts, controls, theme.

import { byId } from '../charts/dom';
import { clock } from '../charts/format';
import { Group } from '../charts/group';
import { MarkList } from '../charts/list';
import { whatHappened } from '../charts/marks';
import { startTheme } from '../charts/theme';
import { startZoom } from '../charts/zoom';
import { DATA, MARKS, POOLS, shownMarks, shownSurges, TIMES } from './data';
import { startSorting } from './sorting';
import { SPECS } from './specs';

const root = document.documentElement;
let group: Group | null = null;

startTheme(byId<HTMLButtonElement>('theme'));
startSorting();
if (DATA.points > 0) group = startCharts();
startMarks();
root.dataset['charts'] = String(group?.charts.length ?? 0);
root.dataset['rendered'] = 'true';

function startCharts(): Group {
  const made = new Group(
    { times: TIMES, bucket: DATA.bucket, start: 0, end: DATA.end },
    {
      sides: [{ mark: 'ink', surge: 'surge', shade: 'surge-soft' }],
      marks: shownMarks,
      surges: shownSurges,
      // The scaler's steps stand in the chart of the workers.
      inLane: ({ kind }) => kind === 'MigrateWorkers' || kind === 'SurgeWorkersKept',
      tell: (mark) => clock(mark.at) + ' ' + whatHappened(mark) + ': ' + mark.reason,
      spoken: byId('spoken'),
      moved: () => moved(),
    },
  );
  const moved = startZoom(document, () => made, byId('window'));
  for (const host of document.querySelectorAll<HTMLElement>('[data-chart]')) {
    const spec = SPECS[host.dataset['chart'] ?? ''];
    if (spec) made.add(host, spec());
  }
  startPools(made);
  made.setWindow(0, DATA.end);
  return made;
}

function startPools(charts: Group): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('[data-pool]')];
  const pools = POOLS.map((pool) => ({ pool, box: boxes[pool.index] }));
  const changed = () => {
    for (const { pool, box } of pools) if (box) box.checked = pool.shown;
    charts.refresh();
  };
  for (const { pool, box } of pools) {
    box?.addEventListener('change', () => {
      pool.shown = box.checked;
      changed();
    });
    const label = box?.parentElement;
    label?.addEventListener('mouseenter', () => pool.shown && charts.focus(pool.index));
    label?.addEventListener('mouseleave', () => charts.focus(null));
  }
  for (const button of document.querySelectorAll<HTMLElement>('[data-pick]')) {
    button.addEventListener('click', () => {
      const { pick } = button.dataset;
      for (const pool of POOLS) pool.shown = pick === 'all' || (pick === 'top' && pool.index < DATA.shown);
      changed();
    });
  }
  changed();
}

function startMarks(): void {
  const body = document.getElementById('marks');
  if (!body) return;
  const parts = {
    body: body as HTMLTableSectionElement,
    pick: byId<HTMLSelectElement>('pick-marks'),
    more: byId<HTMLButtonElement>('more-marks'),
    count: byId('marks-count'),
  };
  new MarkList(parts, MARKS, (mark) => group?.showAt(mark.at));
}
