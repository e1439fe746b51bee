// Light or dark: the system's choice until the reader makes another. Everything drawn asks `ink` for its colors.
const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');
let chosen = null;
let printing = false;
let inks = {};
const redraws = [];

function ink(name) {
  if (!(name in inks)) inks[name] = getComputedStyle(root).getPropertyValue('--' + name).trim();
  return inks[name];
}

function applyTheme() {
  const theme = printing ? 'light' : chosen || (dark.matches ? 'dark' : 'light');
  root.dataset.theme = theme;
  inks = {};
  const button = document.getElementById('theme');
  button.textContent = theme === 'dark' ? 'Light' : 'Dark';
  button.setAttribute('aria-label', theme === 'dark' ? 'Switch to light colors' : 'Switch to dark colors');
  for (const redraw of redraws) redraw();
}

function startTheme() {
  const button = document.getElementById('theme');
  button.hidden = false;
  button.addEventListener('click', () => {
    chosen = root.dataset.theme === 'dark' ? 'light' : 'dark';
    applyTheme();
  });
  dark.addEventListener('change', applyTheme);
  applyTheme();
}
