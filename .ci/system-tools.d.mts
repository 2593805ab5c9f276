export const TOOLS: Record<
  'chromium' | 'nginx' | 'openssl' | 'redis-server',
  { variable: string; names: string[]; debianPackage: string }
>;

export function findTool(tool: keyof typeof TOOLS): string | undefined;
