// The view of all policies side by side.

import { byId, h } from '../charts/dom';
import { figure, money, percent } from '../charts/format';
import { contendersOf, standingsOf, WAITING, type Contender, type Standing } from '../run/contest';
import type { Outcome } from '../run/outcome';
import { Runner, wishOf, type Simulate } from '../run/runner';
import { BadText } from '../state/request';
import type { State } from '../state/state';
import { scatter } from './scatter';

export class Policies {
  private readonly runner: Runner;
  private contenders: Contender[] = [];
  private outcomes: (Outcome | null)[] = [];
  private failures: (Error | null)[] = [];

  constructor(
    box: HTMLElement,
    simulate: Simulate,
    running: (share: number | null, requests: number) => void,
    private readonly sides = 8,
  ) {
    box.append(...frame());
    this.runner = new Runner(
      simulate,
      {
        running,
        outcome: (index, outcome) => {
          this.outcomes[index] = outcome;
          this.failures[index] = null;
          this.show();
        },
        failed: (index, error) => {
          this.outcomes[index] = null;
          this.failures[index] = error;
          this.show();
        },
        settled: () => {
          document.documentElement.dataset['contest'] = String(this.outcomes.filter((outcome) => outcome).length);
        },
      },
      sides,
    );
  }

  /** Runs what isn't known yet of a state, and of a file with its number. */
  run(state: State, file: { file: File; number: number } | null): void {
    try {
      this.contenders = contendersOf(state);
    } catch (error) {
      if (error instanceof BadText) return;
      throw error;
    }
    const wishes = this.contenders.map(({ request }) => wishOf(request, file));
    this.runner.want(wishes, false);
  }

  cancel(): void {
    this.runner.cancel();
  }

  private show(): void {
    const standings = standingsOf(this.contenders, this.outcomes.slice(0, this.sides));
    byId('contest').replaceChildren(...standings.map(row));
    byId('scatter').replaceChildren(...(standings.length ? [scatter(standings)] : []));
    const failed = this.failures.flatMap((error, i) => {
      const label = this.contenders[i]?.label ?? '';
      return error ? [h('li', {}, h('b', {}, label), ': ' + error.message)] : [];
    });
    byId('contest-failed').replaceChildren(...failed);
  }
}

function row(standing: Standing): HTMLElement {
  const { contender, outcome, share, hours, times, frontier } = standing;
  const { summary } = outcome;
  const surge = summary.cost.surge_money;
  const best = contender.key === 'clairvoyant' ? 'a bound' : frontier ? '✓ on it' : '';
  const shown = share > 0 && share < 0.001 ? figure(share * 100) + '\u00a0%' : percent(share);
  return h(
    'tr',
    { 'data-policy': contender.key },
    h('th', { scope: 'row' }, contender.label, h('span', { class: 'aside' }, ' ' + contender.note)),
    h('td', {}, shown),
    h('td', {}, figure(summary.refused)),
    h('td', {}, figure(summary.late)),
    h('td', {}, figure(hours)),
    h('td', {}, times === null ? '–' : figure(times) + '×'),
    h('td', {}, money(surge, summary.cost.currency)),
    h('td', {}, figure(summary.scale_changes_per_hour)),
    h('td', {}, percent(summary.time_in_band)),
    h('td', { class: frontier ? 'best' : '' }, best),
  );
}

function frame(): HTMLElement[] {
  const heads = ['Policy', 'Refused or late', 'Refused', 'Late', 'Worker-hours', 'Of the bound', 'Surge cost', 'Changes per pool-hour', 'At 60–80 %', 'Frontier'];
  return [
    h(
      'div',
      { class: 'card' },
      h('h2', { id: 'contest-h' }, 'All policies on this traffic'),
      h(
        'p',
        { class: 'aside' },
        `The pools, limits and worker start of configuration A, each policy scaling them; a waiting line of ${figure(WAITING)} places, unless A says otherwise. Lower left is better; the line joins those that nobody beats in both.`,
      ),
      h('div', { id: 'scatter' }),
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': 'contest-h' },
        h('table', { class: 'contest' }, h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, head)))), h('tbody', { id: 'contest' })),
      ),
      h('div', { role: 'alert' }, h('ul', { id: 'contest-failed', class: 'problem' })),
    ),
  ];
}
