// The figures of A and B side by side, with what B changes.

import { h } from '../charts/dom';
import { figure, NBSP, percent } from '../charts/format';
import { checkOf, refusedOrLate, rowsOf, type Row } from '../run/figures';
import type { Outcome } from '../run/outcome';
import { badge } from './setup';

const VERDICTS = { better: '✓ better', worse: '✗ worse', other: '', same: '', unknown: '' } as const;

const TILES = ['refused_or_late', 'wait_p99', 'worker_hours', 'cost', 'time_in_band', 'scale_changes'];

/** The main figures, as a list. */
export function fillTiles(list: HTMLElement, outcomes: readonly (Outcome | null)[]): void {
  const rows = rowsOf(outcomes).filter(({ figure: of }) => TILES.includes(of.key));
  list.replaceChildren(...rows.map(tile));
}

function tile({ figure: of, shown, difference, verdict }: Row): HTMLElement {
  const word = VERDICTS[verdict];
  return h(
    'div',
    { class: 'tile', title: of.help },
    h('dt', {}, of.label),
    ...shown.map((text, side) => h('dd', { class: 'pair' }, badge(side), h('span', {}, text))),
    h('dd', { class: 'difference ' + verdict }, difference, word ? h('span', { class: 'verdict' }, ' ' + word) : null),
  );
}

/** Fills the body of the summary's table. */
export function fillSummary(body: HTMLTableSectionElement, outcomes: readonly (Outcome | null)[]): void {
  body.replaceChildren(...rowsOf(outcomes).map(row));
}

function row({ figure: of, values, shown, spread, difference, verdict }: Row): HTMLElement {
  const cells = shown.map((text, side) => {
    const more = spread[side];
    return h('td', { 'data-value': values[side] ?? undefined }, text, more ? h('span', { class: 'spread' }, ' ' + more) : null);
  });
  const word = VERDICTS[verdict];
  return h(
    'tr',
    { 'data-figure': of.key },
    h('th', { scope: 'row' }, of.label, h('span', { class: 'aside' }, ' ' + of.help)),
    ...cells,
    h('td', { class: 'difference ' + verdict }, difference, word ? h('span', { class: 'verdict' }, ' ' + word) : null),
  );
}

/** The checklist of each outcome: the checks at the last arrival, and whether they pass. */
export function fillChecklist(list: HTMLElement, outcomes: readonly (Outcome | null)[]): void {
  const items = outcomes.flatMap((outcome, side) => (outcome ? [checks(outcome, side)] : []));
  list.replaceChildren(...items);
}

function checks({ verify }: Outcome, side: number): HTMLElement {
  const told = verify.checks.map((check) => {
    const { label, found, bound } = checkOf(check);
    const verdict = h('span', { class: check.pass ? 'better' : 'worse' }, check.pass ? '✓' : '✗');
    const aside = h('span', { class: 'aside' }, `${check.pass ? 'Passes' : 'Fails'}: it should be ${bound}.`);
    return h('li', { 'data-check': check.name, 'data-pass': String(check.pass) }, verdict, h('span', {}, label), h('b', {}, found), aside);
  });
  return h('li', {}, badge(side), h('ul', {}, ...told));
}

/** The comparison in a sentence. */
export function verdictOf(outcomes: readonly (Outcome | null)[]): string {
  const [a, b] = outcomes;
  if (!a || !b) return '';
  const [late, later] = [refusedOrLate(a.summary), refusedOrLate(b.summary)];
  const [hours, more] = [a.summary.worker_hours.total, b.summary.worker_hours.total];
  if (late === null || later === null) return 'No request arrived.';
  const share = (value: number) => (value > 0 && value < 0.001 ? figure(value * 100) + NBSP + '%' : percent(value));
  const service =
    late === later
      ? `Both refuse or delay ${share(late)} of ${requests(a)}`
      : `B refuses or delays ${share(later)} of ${requests(a)}, A ${share(late)}`;
  const change = hours > 0 ? more / hours - 1 : 0;
  const capacity =
    Math.abs(change) < 0.0005
      ? 'with the same worker-hours'
      : `and B needs ${percent(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'} worker-hours`;
  return `${service}, ${capacity}.`;
}

function requests({ summary }: Outcome): string {
  const { retries } = summary;
  return figure(summary.offered) + (typeof retries === 'number' && retries > 0 ? ' attempts' : ' requests');
}
