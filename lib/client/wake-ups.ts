/**
 * The moments at which a pause has lost its sense: the network is back, the page is looked at, or it came out
 * of the browser's cache. Elsewhere than in a browser they never come.
 */
interface Target {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
}

interface Page extends Target {
  readonly hidden?: boolean;
}

/** @returns a function that stops watching */
export function watchWakeUps(wake: () => void): () => void {
  const window = globalThis as Target & { document?: Page };
  const { document } = window;
  const whenVisible = (): void => {
    if (!document?.hidden) wake();
  };
  const watched = [
    [window, 'online', wake],
    [window, 'pageshow', wake],
    [document, 'visibilitychange', whenVisible],
  ] as const;
  for (const [target, type, listener] of watched) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type, listener] of watched) target?.removeEventListener?.(type, listener);
  };
}
