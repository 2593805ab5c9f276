/** Web storage that answers "nothing there" where the browser forbids it. */
export class Store {
  constructor(private readonly area: () => Storage) {}

  read(key: string): string | undefined {
    try {
      return this.area().getItem(`nestwire:${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  }

  write(key: string, value: string): void {
    try {
      this.area().setItem(`nestwire:${key}`, value);
    } catch {
      // Forbidden or full: the page works on, and forgets on reload.
    }
  }
}

/** Ends with the tab; each tab has its own. */
export const tabStore = new Store(() => sessionStorage);

/** Stays, and is shared by all tabs. */
export const browserStore = new Store(() => localStorage);
