export class PlainClient {
  readonly transport: string | undefined;
  onPush: (event: string, data: unknown) => void;
  constructor(url: string);
  request(event: string, data?: unknown): Promise<unknown>;
  drop(): void;
  close(): Promise<void>;
}
