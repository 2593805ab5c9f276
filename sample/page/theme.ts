import { browserStore } from './storage.js';

const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');

export interface ThemeButton {
  /** In another language, from now on. */
  label(name: string, hint: string): void;
}

/** Until the button was pressed the page follows the system; public/theme.js applies the choice on load. */
export function bindThemeButton(button: HTMLButtonElement): ThemeButton {
  const show = () => button.setAttribute('aria-pressed', String(isDark()));
  systemIsDark.addEventListener('change', show);
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = theme;
    browserStore.write('theme', theme);
    show();
  });
  show();
  return { label: (name, hint) => Object.assign(button, { ariaLabel: name, title: hint }) };
}

function isDark(): boolean {
  const chosen = document.documentElement.dataset['theme'];
  return chosen ? chosen === 'dark' : systemIsDark.matches;
}
