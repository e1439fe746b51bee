// Light or dark: the system's choice until the reader makes another. Everything drawn asks `ink` for its colors.

const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');
const redraws = new Set<() => void>();
let chosen: string | null = null;
let printing = false;
let inks = new Map<string, string>();

/** The color of this name (a custom property of the page) in the theme of the moment. */
export function ink(name: string): string {
  let color = inks.get(name);
  if (color === undefined) {
    color = getComputedStyle(root).getPropertyValue('--' + name).trim();
    inks.set(name, color);
  }
  return color;
}

/** Calls `redraw` whenever the colors have changed, until `signal` says stop. */
export function onTheme(redraw: () => void, signal: AbortSignal): void {
  redraws.add(redraw);
  signal.addEventListener('abort', () => redraws.delete(redraw));
}

/** On paper everything is light. */
export function setPrinting(on: boolean): void {
  printing = on;
  apply();
}

export function isPrinting(): boolean {
  return printing;
}

/** Follows the system and the button; `kept` remembers the reader's choice where there is something to keep it in. */
export function startTheme(button: HTMLButtonElement, kept?: { get(): string | null; set(theme: string): void }): void {
  chosen = kept?.get() ?? null;
  button.hidden = false;
  button.addEventListener('click', () => {
    chosen = root.dataset['theme'] === 'dark' ? 'light' : 'dark';
    kept?.set(chosen);
    apply();
  });
  dark.addEventListener('change', apply);
  apply();
}

function apply(): void {
  const theme = printing ? 'light' : (chosen ?? (dark.matches ? 'dark' : 'light'));
  root.dataset['theme'] = theme;
  inks = new Map();
  const button = document.getElementById('theme');
  if (button) {
    button.textContent = theme === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', theme === 'dark' ? 'Switch to light colors' : 'Switch to dark colors');
  }
  for (const redraw of redraws) redraw();
}
