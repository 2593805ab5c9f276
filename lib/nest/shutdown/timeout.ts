/** @returns a promise that settles after `ms`, and what stops it from ever settling */
export function timeout(ms: number): { readonly passed: Promise<void>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { passed, clear: () => clearTimeout(timer) };
}
