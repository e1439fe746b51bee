// What the browser remembers of the reader: the theme.

const KEY = 'heijunka-theme';

export const keptTheme = {
  get(): string | null {
    try {
      const kept = localStorage.getItem(KEY);
      return kept === 'dark' || kept === 'light' ? kept : null;
    } catch {
      return null;
    }
  },
  set(theme: string): void {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A page that may keep nothing asks the system next time.
    }
  },
};
