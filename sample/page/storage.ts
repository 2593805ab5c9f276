import { type TextStore } from './text-store.js';

/** Web storage that answers "nothing there" where the browser forbids it. */
class WebStore implements TextStore {
  constructor(private readonly area: () => Storage) {}

  read(key: string): string | undefined {
    try {
      return this.area().getItem(`sample:${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  }

  write(key: string, value: string): void {
    try {
      this.area().setItem(`sample:${key}`, value);
    } catch {
      // Forbidden or full: the page works on, and forgets on reload.
    }
  }
}

/** Ends with the tab; each tab has its own. */
export const tabStore: TextStore = new WebStore(() => sessionStorage);

/** Stays, and is shared by all tabs. */
export const browserStore: TextStore = new WebStore(() => localStorage);
