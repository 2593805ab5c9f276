export function makeBareCopy(root: string): { copy: string; absent: string[] };

export function specsThatNeed(packages: readonly string[], specs: readonly string[], copy: string): string[];

export function needs(
  file: string,
  packages: readonly string[],
  names?: Readonly<Record<string, string>>,
): boolean;
