export function makeBareCopy(root: string): { copy: string; absent: string[] };

export function needs(file: string, packages: readonly string[]): boolean;
