// One control for each kind of field. A control shows a value, says whether it was set, and tells of changes.

import { h } from '../charts/dom';
import { figure } from '../charts/format';
import type { ChoiceField, Field, FlagField, NumberField, Setting, TextField } from '../state/fields';

export interface Control {
  node: HTMLElement;
  /** Shows what is set, or, where nothing is, what stands by default (unknown: undefined). */
  show(set: Setting | undefined, usual: Setting | undefined): void;
  /** Shows what is wrong with it; null: nothing. */
  complain(message: string | null): void;
}

/** A setting has changed; null: it is as by default again. `done`: the reader has let go. */
export type Changed = (value: Setting | null, done: boolean) => void;

let ids = 0;

/** A control for a field. `whose` tells controls of the same field apart. */
export function controlOf(field: Field, whose: string, changed: Changed): Control {
  const name = whose ? field.label + ', ' + whose : field.label;
  const id = 'f' + String(ids++);
  const problem = h('p', { class: 'problem', id: id + '-problem', hidden: true });
  const made = {
    number: () => numberControl(field as NumberField, name, id, changed),
    choice: () => choiceControl(field as ChoiceField, name, id, changed),
    flag: () => flagControl(field as FlagField, name, id, changed),
    text: () => textControl(field as TextField, name, id, changed),
  }[field.kind]();
  const reset = h('button', { type: 'button', class: 'reset', 'aria-label': 'Reset ' + name, title: 'As by default' }, '↺');
  reset.addEventListener('click', () => {
    changed(null, true);
    made.input.focus();
  });
  const node = h('div', { class: 'control', 'data-key': field.key }, made.node, reset, problem);
  return {
    node,
    show: (set, usual) => {
      reset.disabled = set === undefined;
      node.classList.toggle('set', set !== undefined);
      made.show(set, usual);
    },
    complain: (message) => {
      problem.hidden = message === null;
      problem.textContent = message;
      if (message === null) made.input.removeAttribute('aria-invalid');
      else made.input.setAttribute('aria-invalid', 'true');
      if (message === null) made.input.removeAttribute('aria-describedby');
      else made.input.setAttribute('aria-describedby', problem.id);
    },
  };
}

interface Inner {
  node: HTMLElement;
  /** What carries the name and takes the focus. */
  input: HTMLElement;
  show(set: Setting | undefined, usual: Setting | undefined): void;
}

function numberControl(field: NumberField, name: string, id: string, changed: Changed): Inner {
  const { scale = 1, unit = '' } = field;
  const limits = { min: round(field.min * scale), max: round(field.max * scale), step: round(field.step * scale) };
  const slider = h('input', { type: 'range', ...limits, 'aria-label': name + (unit ? ' in ' + unit : '') });
  const input = h('input', {
    type: 'number',
    id,
    inputmode: 'decimal',
    min: limits.min,
    step: 'any',
    'aria-label': name + (unit ? ' in ' + unit : '') + ', exact',
  });
  const told = (text: string, done: boolean) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value)) changed(round(value / scale), done);
    else if (done && text.trim() === '') changed(null, true);
  };
  slider.addEventListener('input', () => {
    input.value = slider.value;
    told(slider.value, false);
  });
  slider.addEventListener('change', () => told(slider.value, true));
  input.addEventListener('input', () => told(input.value, false));
  input.addEventListener('change', () => told(input.value, true));
  const number = h('span', { class: 'number' }, input, unit ? h('span', { class: 'unit', 'aria-hidden': 'true' }, unit) : null);
  return {
    node: h('div', { class: 'ranged' }, slider, number),
    input,
    show: (set, usual) => {
      const value = set ?? usual;
      const shown = typeof value === 'number' ? String(round(value * scale)) : '';
      // What is being typed isn't taken away: `1.` is on its way to `1.5`.
      if (document.activeElement !== input || Number(input.value) !== Number(shown)) input.value = shown;
      input.placeholder = typeof value === 'string' ? value : '';
      if (typeof value === 'number') slider.value = shown;
      else if (typeof value === 'string') slider.value = value.split('–').at(-1) ?? '';
    },
  };
}

function choiceControl(field: ChoiceField, name: string, id: string, changed: Changed): Inner {
  const options = field.choices.map(([value, label]) => h('option', { value }, label));
  const select = h('select', { id, 'aria-label': name }, ...options);
  select.addEventListener('change', () => changed(select.value, true));
  return {
    node: select,
    input: select,
    show: (set, usual) => {
      select.value = String(set ?? usual ?? field.choices[0]?.[0] ?? '');
    },
  };
}

function flagControl(field: FlagField, name: string, id: string, changed: Changed): Inner {
  const box = h('input', { type: 'checkbox', id, 'aria-label': name });
  const word = h('span', { 'aria-hidden': 'true' }, field.label);
  box.addEventListener('change', () => changed(box.checked, true));
  return {
    node: h('label', { class: 'flag' }, box, word),
    input: box,
    show: (set, usual) => {
      box.checked = (set ?? usual) === true;
    },
  };
}

function textControl(field: TextField, name: string, id: string, changed: Changed): Inner {
  const area = h('textarea', { id, rows: 4, spellcheck: 'false', 'aria-label': name, autocapitalize: 'off' });
  area.placeholder = field.key === 'json' ? '{ "balancer": { "trigger": 0.7 } }' : '{ "speed_up": 2 }';
  area.addEventListener('input', () => changed(area.value || null, false));
  area.addEventListener('change', () => changed(area.value || null, true));
  return {
    node: area,
    input: area,
    show: (set, usual) => {
      const text = String(set ?? usual ?? '');
      if (area.value !== text) area.value = text;
    },
  };
}

/** Binary fractions as people write them: 0.30000000000000004 is 0.3. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}

/** What a field has by default in a configuration with all its fields filled in; of pools the range. */
export function usualOf(config: unknown, key: string): Setting | undefined {
  let found: unknown[] = [config];
  for (const name of key.split('.')) {
    found = found.flatMap((value) => {
      if (typeof value !== 'object' || value === null) return [];
      return name === '*' ? Object.values(value) : [(value as Record<string, unknown>)[name]];
    });
  }
  const settings = [...new Set(found)].filter(
    (value): value is Setting => ['number', 'string', 'boolean'].includes(typeof value),
  );
  if (settings.length < 2) return settings[0];
  const numbers = settings.filter((value) => typeof value === 'number');
  if (numbers.length < settings.length) return undefined;
  return figure(Math.min(...numbers)) + '–' + figure(Math.max(...numbers));
}
