export const TOOLS: Record<
  'chromium' | 'redis-server',
  { variable: string; names: string[]; debianPackage: string }
>;

export function findTool(tool: keyof typeof TOOLS): string | undefined;
