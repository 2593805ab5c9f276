export const TOOLS: Record<'chromium', { variable: string; names: string[]; debianPackage: string }>;

export function findTool(tool: keyof typeof TOOLS): string | undefined;
