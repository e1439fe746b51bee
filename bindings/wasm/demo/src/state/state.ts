// What the page shows, and the link that brings it back.

import { fieldsOf, SIDE, SIDE_DEFAULTS, TRAFFIC, TRAFFIC_DEFAULTS, type Field, type Setting } from './fields';

export type Settings = Readonly<Record<string, Setting>>;

export const VIEWS = ['compare', 'policies', 'live'] as const;
export type View = (typeof VIEWS)[number];

export interface State {
  view: View;
  /** What is set of the traffic; the rest is as by default. */
  traffic: Settings;
  /** What is set of configuration A, and of B. */
  sides: readonly [Settings, Settings];
  /** The trace file that the figures are of. */
  file: FileName | null;
  /** The pools that are left out of the charts. */
  hidden: readonly string[];
  /** The window of the charts in seconds; none: all. */
  window: readonly [number, number] | null;
}

/** Enough to tell the file that is needed. */
export interface FileName {
  name: string;
  size: number;
}

export const START: State = { view: 'compare', traffic: {}, sides: [{}, {}], file: null, hidden: [], window: null };

/** A setting of the traffic, or its default. */
export function trafficOf(state: State, key: string): Setting {
  return state.traffic[key] ?? TRAFFIC_DEFAULTS[key] ?? '';
}

/** A setting of a side, or what the page starts with; undefined: the core's default. */
export function sideOf(state: State, side: 0 | 1, key: string): Setting | undefined {
  return state.sides[side][key] ?? SIDE_DEFAULTS[side][key];
}

/** The state with a setting, or without it where the value is null or the default. */
export function withTraffic(state: State, key: string, value: Setting | null): State {
  return { ...state, traffic: put(state.traffic, key, value, TRAFFIC_DEFAULTS[key]) };
}

/** The same for a side. */
export function withSide(state: State, side: 0 | 1, key: string, value: Setting | null): State {
  const changed = put(state.sides[side], key, value, SIDE_DEFAULTS[side][key]);
  return { ...state, sides: side === 0 ? [changed, state.sides[1]] : [state.sides[0], changed] };
}

function put(settings: Settings, key: string, value: Setting | null, usual: Setting | undefined): Settings {
  const { [key]: _, ...rest } = settings;
  return value === null || value === usual ? rest : { ...rest, [key]: value };
}

/** The part of the link behind its `#`; the same state gives the same text. */
export function toHash(state: State): string {
  const parts = new URLSearchParams();
  if (state.view !== 'compare') parts.set('view', state.view);
  for (const { key } of fieldsOf(TRAFFIC)) set(parts, key, state.traffic[key]);
  if (state.file) {
    parts.set('file', state.file.name);
    parts.set('bytes', String(state.file.size));
  }
  (['a', 'b'] as const).forEach((name, side) => {
    for (const { key } of fieldsOf(SIDE)) set(parts, name + '.' + key, state.sides[side]?.[key]);
  });
  for (const pool of state.hidden) parts.append('hide', pool);
  if (state.window) parts.set('from', state.window.map((time) => Number(time.toFixed(3))).join('-'));
  // Stars are as good as their codes, and easier to read.
  return parts.toString().replaceAll('%2A', '*');
}

function set(parts: URLSearchParams, key: string, value: Setting | undefined): void {
  if (value !== undefined) parts.set(key, String(value));
}

/** The state of a link; what isn't understood is left out, and named. */
export function fromHash(hash: string): { state: State; ignored: string[] } {
  const ignored: string[] = [];
  let state = START;
  let file = '';
  let bytes = 0;
  const traffic = byKey(fieldsOf(TRAFFIC));
  const side = byKey(fieldsOf(SIDE));
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    const of = key.startsWith('a.') ? 0 : key.startsWith('b.') ? 1 : null;
    const field = of === null ? traffic.get(key) : side.get(key.slice(2));
    const value = field && parse(field, text);
    if (field && value !== null && value !== undefined) {
      state = of === null ? withTraffic(state, key, value) : withSide(state, of, key.slice(2), value);
    } else if (key === 'view' && (VIEWS as readonly string[]).includes(text)) state = { ...state, view: text as View };
    else if (key === 'file') file = text;
    else if (key === 'bytes' && /^\d{1,15}$/.test(text)) bytes = Number(text);
    else if (key === 'hide') state = { ...state, hidden: [...state.hidden, text] };
    else if (key === 'from' && /^\d+(\.\d+)?-\d+(\.\d+)?$/.test(text)) {
      const [from = 0, to = 0] = text.split('-').map(Number);
      if (to > from) state = { ...state, window: [from, to] };
    } else ignored.push(key);
  }
  return { state: file ? { ...state, file: { name: file, size: bytes } } : state, ignored };
}

function byKey(fields: Field[]): Map<string, Field> {
  return new Map(fields.map((field) => [field.key, field]));
}

/** A setting as the link has it; null where it isn't one. */
function parse(field: Field, text: string): Setting | null {
  switch (field.kind) {
    case 'text':
      return text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : null;
    case 'choice':
      return field.choices.some(([value]) => value === text) ? text : null;
    case 'number': {
      const value = Number(text);
      // What is out of range is for the core to say, in its own words.
      return text.trim() !== '' && Number.isFinite(value) ? value : null;
    }
  }
}
