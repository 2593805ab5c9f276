/**
 * What a page learns about its network and its user: a pause has lost its sense when the page is looked at, or
 * came out of the browser's cache, or the network is back; a connection may be lost when the network is gone.
 * Elsewhere than in a browser nothing of this happens.
 */
interface Target {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
}

interface Page extends Target {
  readonly hidden?: boolean;
}

interface WakeUps {
  /** Somebody is there again. */
  wake: () => void;
  /** The browser says that there is no network, which may be wrong. */
  offline?: () => void;
  /** The browser says that there is one again, which may be another. */
  online: () => void;
}

/** @returns a function that stops watching */
export function watchWakeUps({ wake, offline = () => undefined, online }: WakeUps): () => void {
  const window = globalThis as Target & { document?: Page };
  const { document } = window;
  const whenVisible = (): void => {
    if (!document?.hidden) wake();
  };
  const watched = [
    [window, 'offline', offline],
    [window, 'online', online],
    [window, 'pageshow', wake],
    [document, 'visibilitychange', whenVisible],
  ] as const;
  for (const [target, type, listener] of watched) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type, listener] of watched) target?.removeEventListener?.(type, listener);
  };
}
