// What comes first: the colors, so that nothing flashes, and then the page; it says so where that can't be loaded.

import './page.css';

import { keptTheme } from './kept';

const dark = matchMedia('(prefers-color-scheme: dark)').matches;
document.documentElement.dataset['theme'] = keptTheme.get() ?? (dark ? 'dark' : 'light');

import('./main').catch((error: unknown) => {
  const notice = document.getElementById('notice');
  const why = error instanceof Error ? error.message : String(error);
  if (notice) notice.textContent = `The engine can’t be loaded: ${why}. The page needs WebAssembly and module workers.`;
  throw error;
});
