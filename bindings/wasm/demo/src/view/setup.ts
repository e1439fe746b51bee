// The panel where traffic and the two configurations are set.

import { h } from '../charts/dom';
import { isIdle, SIDE, SIDE_DEFAULTS, TRAFFIC, TRAFFIC_DEFAULTS, type Section, type Setting } from '../state/fields';
import { sideOf, trafficOf, type State } from '../state/state';
import { controlOf, usualOf, type Control } from './controls';

export interface Hooks {
  traffic: (key: string, value: Setting | null, done: boolean) => void;
  side: (side: 0 | 1, key: string, value: Setting | null, done: boolean) => void;
}

/** What is wrong with a configuration: the core's message, and the field that it is about, if there is one. */
export interface Problem {
  key: string | null;
  message: string;
}

const SIDES = ['A', 'B'] as const;

export class Setup {
  private readonly traffic = new Map<string, Control>();
  private readonly sides: [Map<string, Control>, Map<string, Control>] = [new Map(), new Map()];
  private readonly groups: { node: HTMLElement; keys: string[] }[] = [];

  constructor(trafficBox: HTMLElement, sidesBox: HTMLElement, hooks: Hooks) {
    for (const section of TRAFFIC) trafficBox.append(this.trafficSection(section, hooks));
    for (const section of SIDE) sidesBox.append(this.sideSection(section, hooks));
  }

  /** Shows a state, and the defaults as the configurations that were filled in have them. */
  show(state: State, configs: readonly unknown[]): void {
    const source = String(trafficOf(state, 'source'));
    for (const [key, control] of this.traffic) {
      control.show(state.traffic[key], TRAFFIC_DEFAULTS[key]);
      const row = control.node.closest<HTMLElement>('.field');
      if (row) row.hidden = isIdle(key, source);
    }
    for (const { node, keys } of this.groups) node.hidden = keys.every((key) => isIdle(key, source));
    for (const side of [0, 1] as const) {
      for (const [key, control] of this.sides[side]) {
        const usual = key.includes('.') ? usualOf(configs[side], key) : SIDE_DEFAULTS[side][key];
        control.show(state.sides[side][key], usual);
        const row = control.node.closest<HTMLElement>('.field');
        row?.classList.toggle('differs', sideOf(state, 0, key) !== sideOf(state, 1, key));
      }
    }
  }

  /** Shows what is wrong with the traffic (null), or with a side; all that was shown of it before goes. */
  complain(side: 0 | 1 | null, problems: readonly Problem[]): void {
    const controls = side === null ? this.traffic : this.sides[side];
    for (const [key, control] of controls) {
      // The same of several pools is said once.
      const messages = [...new Set(problems.filter((problem) => problem.key === key).map(({ message }) => message))];
      control.complain(messages.length ? messages.join('\n') : null);
      if (messages.length) control.node.closest('details')?.setAttribute('open', '');
    }
  }

  private trafficSection({ title, open, fields }: Section, hooks: Hooks): HTMLElement {
    const rows = fields.map((field) => {
      const control = controlOf(field, '', (value, done) => hooks.traffic(field.key, value, done));
      this.traffic.set(field.key, control);
      return h('div', { class: 'field one' }, heading(field.label, field.help), control.node);
    });
    const node =
      title === 'Traffic' ? h('div', { class: 'group' }, ...rows) : details(title, open === true, rows);
    this.groups.push({ node, keys: fields.map(({ key }) => key) });
    return node;
  }

  private sideSection({ title, open, fields }: Section, hooks: Hooks): HTMLElement {
    const rows = fields.map((field) => {
      const controls = ([0, 1] as const).map((side) => {
        const control = controlOf(field, SIDES[side], (value, done) => hooks.side(side, field.key, value, done));
        this.sides[side].set(field.key, control);
        return h('div', { class: 'side side-' + side }, badge(side), control.node);
      });
      return h('div', { class: 'field' }, heading(field.label, field.help), ...controls);
    });
    return details(title, open === true, rows);
  }
}

/** The letter of a side in its color. */
export function badge(side: number): HTMLElement {
  return h('span', { class: 'badge badge-' + side }, SIDES[side] ?? '');
}

function heading(label: string, help: string | undefined): HTMLElement {
  return h('div', { class: 'what' }, h('span', { class: 'name' }, label), help ? h('span', { class: 'aside' }, ' ' + help) : null);
}

function details(title: string, open: boolean, rows: HTMLElement[]): HTMLElement {
  return h('details', { class: 'group', open }, h('summary', {}, title), ...rows);
}
