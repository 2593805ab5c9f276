import { browserStore } from './storage.js';

export type Language = 'en' | 'zh';

const CHOSEN = 'language';

/** The language that was chosen before, else the first of the browser's that there are texts for. */
export function currentLanguage(): Language {
  const chosen = browserStore.read(CHOSEN);
  if (chosen === 'en' || chosen === 'zh') return chosen;
  const known = navigator.languages.find((tag) => /^(en|zh)\b/.test(tag));
  return known?.startsWith('zh') ? 'zh' : 'en';
}

export function rememberLanguage(language: Language): void {
  browserStore.write(CHOSEN, language);
}

/** The texts of a scene in that language: both have the same keys, or the compiler says so. */
export function chooseText<T>(texts: Readonly<Record<Language, T>>, language: Language): T {
  return texts[language];
}
