// The page: settings on one side, what they would have done on the other.

import { byId, h } from './charts/dom';
import { bytes, figure, percent } from './charts/format';
import { startTheme } from './charts/theme';
import * as heijunka from './heijunka';
import { keptTheme } from './kept';
import { Live } from './live/view';
import type { Outcome } from './run/outcome';
import { Runner, wishOf, type Wish } from './run/runner';
import { POLICIES, SIDE_DEFAULTS, type Setting } from './state/fields';
import { BadText, requestOf } from './state/request';
import { fromHash, sideOf, START, toHash, trafficOf, VIEWS, withSide, withTraffic, type State, type View } from './state/state';
import { Charts } from './view/charts';
import { Policies } from './view/policies';
import { problemsOf, type Placed } from './view/problems';
import { Setup } from './view/setup';
import { fillChecklist, fillSummary, fillTiles, verdictOf } from './view/summary';

const LEADS: Record<View, string> = {
  compare:
    'What another limit, another pool size or another policy would have done to this traffic: two configurations, the same requests.',
  policies: 'Every policy on the same traffic: what it refuses or delays, and what it takes for that.',
  live: 'The engine at work, as fast as you like.',
};
const TITLES: Record<View, string> = { compare: 'What if?', policies: 'Policies', live: 'Live' };
const SIDES = ['A', 'B'] as const;

let state: State = START;
let file: { file: File; number: number } | null = null;
let outcomes: [Outcome | null, Outcome | null] = [null, null];
const failures: (Error | null)[] = [null, null];
/** When the change that is being shown was made. */
let asked: number | null = null;

const setup = new Setup(byId('traffic'), byId('sides'), {
  traffic: (key, value, done) => {
    change(withTraffic(state, key, value), done);
    if (key === 'source' && value === 'file' && !file) byId('file').focus();
  },
  side: (side, key, value, done) => change(withSide(state, side, key, value), done),
});
const charts = new Charts({
  window: (window) => keep({ ...state, window }),
  hidden: (hidden) => keep({ ...state, hidden }),
});
const runner = new Runner(heijunka.simulate, {
  running: (share, requests) => showRunning(share, requests),
  outcome: (side, outcome) => {
    outcomes = side === 0 ? [outcome, outcomes[1]] : [outcomes[0], outcome];
    failures[side] = null;
  },
  failed: lose,
  settled: () => showOutcomes(),
});

const policies = new Policies(byId('policies'), heijunka.simulate, (share, requests) => showRunning(share, requests));
const live = new Live(byId('live'));

/** Another state because of what the person did. */
function change(next: State, done: boolean): void {
  const source = trafficOf(next, 'source');
  const moved = source !== trafficOf(state, 'source');
  const named = next.file ?? (file && { name: file.file.name, size: file.file.size });
  keep({ ...next, file: source === 'file' ? named : null, ...(moved ? { window: null, hidden: [] } : {}) });
  if (moved) charts.restore([], null);
  setup.show(state, configs());
  run(done && moved);
}

/** Keeps a state that changes no figures, and writes the link. */
function keep(next: State): void {
  state = next;
  const hash = toHash(state);
  if (hash !== location.hash.slice(1)) history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search);
}

/** The configurations with all fields filled in: those that ran, or, before that, as they are over the default pools. */
function configs(): unknown[] {
  return ([0, 1] as const).map((side) => {
    const ran = outcomes[side]?.config;
    if (ran) return ran;
    try {
      return heijunka.resolved(state, side);
    } catch {
      // What is wrong is said where it is run.
      return heijunka.presets[sideOf(state, side, 'preset') === 'adaptive' ? 'adaptive' : 'classic'];
    }
  });
}

/** The file that the source is, null where it is none, undefined where the file isn't there, or isn't the link's. */
function traceOf(): typeof file | undefined {
  if (trafficOf(state, 'source') !== 'file') return null;
  const { file: of } = state;
  const same = !of || (file?.file.name === of.name && file.file.size === of.size);
  return file && same ? file : undefined;
}

function wishes(): (Wish | null)[] | null {
  const trace = traceOf();
  if (trace === undefined) return null;
  setup.complain(null, []);
  return ([0, 1] as const).map((side) => {
    setup.complain(side, []);
    try {
      const wish = wishOf(requestOf(state, side), trace);
      if (failures[side] instanceof BadText) failures[side] = null;
      return wish;
    } catch (error) {
      if (!(error instanceof BadText)) throw error;
      lose(side, error);
      return null;
    }
  });
}

/** A side has no outcome, and why. */
function lose(side: number, error: Error): void {
  failures[side] = error;
  outcomes = side === 0 ? [null, outcomes[1]] : [outcomes[0], null];
}

function run(atOnce: boolean): void {
  asked ??= performance.now();
  const wished = wishes();
  byId('notice').textContent = wished ? '' : needed();
  if (state.view === 'live') return;
  if (state.view === 'compare') runner.want(wished ?? [null, null], atOnce);
  else if (wished) policies.run(state, traceOf() ?? null);
}

/** What a link asks for that can't be in it. */
function needed(): string {
  const { file: of } = state;
  if (!of) return 'Choose a trace, or drop it on the page.';
  return `This link is about the file ${of.name} (${bytes(of.size)}). Choose it, or drop it on the page: it stays with you and isn’t part of the link.`;
}

function showRunning(share: number | null, requests: number): void {
  byId('running').hidden = share === null;
  byId('compare').classList.toggle('stale', share !== null && share < 1);
  if (share === null) return;
  byId<HTMLProgressElement>('progress').value = share;
  byId('progress-text').textContent = percent(share) + (requests ? ', ' + figure(requests) + ' requests' : '');
}

function showOutcomes(): void {
  byId('compare').classList.remove('stale');
  const boxes: HTMLElement[] = [];
  const traffic: Placed[] = [];
  failures.forEach((error, side) => {
    if (!error) return;
    const problems = problemsOf(error, state.sides[side]?.['json'] !== undefined);
    setup.complain(side as 0 | 1, problems.filter(({ traffic }) => !traffic));
    traffic.push(...problems.filter((problem) => problem.traffic));
    boxes.push(h('div', { class: 'error' }, h('h3', {}, titleOf(error, side)), h('pre', {}, error.message)));
  });
  setup.complain(null, traffic);
  // What is wrong with the traffic is wrong on both sides, and told once.
  const [first, second] = boxes;
  const same = first && second && failures[0]?.message === failures[1]?.message && (isTrace(failures[0]) || traffic.length);
  byId('errors').replaceChildren(...(same ? [first] : boxes));
  const any = outcomes.some((outcome) => outcome);
  byId('compare').classList.toggle('bare', !any);
  fillSummary(byId<HTMLTableSectionElement>('summary'), outcomes);
  fillChecklist(byId('checklist'), outcomes);
  fillTiles(byId('tiles'), outcomes);
  byId('verdict').textContent = verdictOf(outcomes);
  charts.show(outcomes, deciders());
  setup.show(state, configs());
  const trace = traceOf();
  if (trace) showFile(trace.file);
  if (asked !== null) document.documentElement.dataset['took'] = (performance.now() - asked).toFixed(0);
  asked = null;
  document.documentElement.dataset['settled'] = String(Number(document.documentElement.dataset['settled'] ?? 0) + 1);
}

/** The policies that scale in the place of the engine. */
function deciders(): (string | null)[] {
  return ([0, 1] as const).map((side) => {
    const policy = sideOf(state, side, 'policy');
    return POLICIES.find(([name]) => name === policy && name !== 'heijunka')?.[1] ?? null;
  });
}

function isTrace(error: Error | null | undefined): boolean {
  return heijunka.isTraceError(error);
}

function titleOf(error: Error, side: number): string {
  if (isTrace(error)) return file ? `${file.file.name} can’t be read as a trace` : 'The requests can’t be read';
  if (error instanceof BadText && error.key === 'workload') return 'The traffic can’t be read';
  return `Configuration ${SIDES[side] ?? ''} is refused`;
}

function showFile(of: File): void {
  const trace = (outcomes[0] ?? outcomes[1])?.trace;
  const rows = trace ? `: ${figure(trace.rows)} requests` : '';
  const skipped = trace?.skipped ? `, ${figure(trace.skipped)} lines skipped (the first: ${trace.first_skipped[0] ?? ''})` : '';
  const without = trace?.without_service ? `, ${figure(trace.without_service)} without a service time` : '';
  byId('file-state').textContent = `${of.name} (${bytes(of.size)})${rows}${skipped}${without}`;
}

function take(chosen: File): void {
  const asIn = state.file;
  file = { file: chosen, number: (file?.number ?? 0) + 1 };
  outcomes = [null, null];
  const other = asIn && (asIn.name !== chosen.name || asIn.size !== chosen.size);
  const kept = asIn && !other ? {} : { window: null, hidden: [] };
  keep({ ...withTraffic(state, 'source', 'file'), file: { name: chosen.name, size: chosen.size }, ...kept });
  charts.restore(state.hidden, state.window);
  setup.show(state, configs());
  showFile(chosen);
  run(true);
  if (other) byId('notice').textContent = `The link was about ${asIn.name} (${bytes(asIn.size)}); this is another file.`;
}

function showView(view: View): void {
  keep({ ...state, view });
  byId('title').textContent = TITLES[view];
  byId('lead').textContent = LEADS[view];
  for (const name of VIEWS) byId(name).hidden = name !== view;
  byId('workbench').hidden = view === 'live';
  if (view !== 'compare') runner.cancel();
  if (view !== 'policies') policies.cancel();
  if (view === 'live') live.open(state);
  else live.close();
  for (const button of document.querySelectorAll<HTMLElement>('[data-view]')) {
    if (button.dataset['view'] === view) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
  }
}

function restore(): void {
  const { state: next, ignored } = fromHash(location.hash);
  state = next;
  charts.restore(state.hidden, state.window);
  setup.show(state, configs());
  showView(state.view);
  run(true);
  if (ignored.length) byId('notice').textContent = 'Not understood in the link: ' + ignored.join(', ');
}

function startFiles(): void {
  const input = byId<HTMLInputElement>('file');
  input.addEventListener('change', () => {
    const [chosen] = input.files ?? [];
    if (chosen) take(chosen);
    input.value = '';
  });
  const zone = byId('dropzone');
  let depth = 0;
  const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const over = (by: number) => {
    depth = Math.max(0, depth + by);
    zone.hidden = depth === 0;
  };
  addEventListener('dragenter', (event) => hasFile(event) && over(1));
  addEventListener('dragleave', (event) => hasFile(event) && over(-1));
  addEventListener('dragover', (event) => hasFile(event) && event.preventDefault());
  addEventListener('drop', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    over(-depth);
    const [dropped] = event.dataTransfer?.files ?? [];
    if (dropped) take(dropped);
  });
}

function startButtons(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-view]')) {
    button.addEventListener('click', () => {
      showView(button.dataset['view'] as View);
      run(true);
    });
  }
  byId('cancel').addEventListener('click', () => {
    runner.cancel();
    policies.cancel();
    asked = null;
    byId('notice').textContent = 'Cancelled. What is shown is from before; any change runs again.';
  });
  byId('swap').addEventListener('click', () => {
    const [a, b] = explicit();
    settle([b, a]);
  });
  byId('a-to-b').addEventListener('click', () => {
    const [a] = explicit();
    settle([a, a]);
  });
  byId('reset').addEventListener('click', () => change({ ...START, view: state.view, file: state.file, traffic: state.traffic }, true));
  byId('copy').addEventListener('click', () => void copy());
  byId('save').addEventListener('click', save);
}

/** The settings of both sides with the page's own defaults among them. */
function explicit(): [Record<string, Setting>, Record<string, Setting>] {
  return [0, 1].map((side) => ({ ...SIDE_DEFAULTS[side as 0 | 1], ...state.sides[side] })) as [
    Record<string, Setting>,
    Record<string, Setting>,
  ];
}

function settle(sides: readonly [Record<string, Setting>, Record<string, Setting>]): void {
  let next: State = { ...state, sides: [{}, {}] };
  for (const side of [0, 1] as const) {
    for (const [key, value] of Object.entries(sides[side])) next = withSide(next, side, key, value);
  }
  change(next, true);
}

/** Both outcomes, whole, as a file. */
function save(): void {
  const [a, b] = outcomes;
  const text = JSON.stringify({ link: location.href, a, b }, null, 1);
  const link = h('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'heijunka.json' });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function copy(): Promise<void> {
  const button = byId('copy');
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Copy it from the address bar';
  }
  setTimeout(() => (button.textContent = 'Copy link'), 2000);
}

startTheme(byId<HTMLButtonElement>('theme'), keptTheme);
startFiles();
startButtons();
addEventListener('hashchange', restore);
byId('version').textContent = 'Version ' + heijunka.version + '.';
restore();
