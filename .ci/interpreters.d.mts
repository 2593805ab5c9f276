export function interpreter(major: number | string): string;

export function newest(versions: string | string[]): string;
