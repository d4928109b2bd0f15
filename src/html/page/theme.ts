const KEY = 'pyrewrite-theme';

/** The theme that was chosen, or none: then the system's. */
function chosen(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Files have no storage in some browsers.
    return null;
  }
}

/** Shows the chosen theme. */
export function applyTheme(theme: string | null = chosen()): void {
  if (theme === null) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Changes between dark and light. */
export function nextTheme(): void {
  const shown = document.documentElement.dataset.theme;
  const isDark = shown === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : shown === 'dark';
  const theme = isDark ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds as long as the page is open.
  }
  applyTheme(theme);
}
