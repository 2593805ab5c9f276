import { defineProtocol } from 'nestwire/protocol';
import { z } from 'zod';

export const LANES = ['websocket', 'event-stream', 'long-polling', 'short-polling'] as const;
export const Lane = z.enum(LANES);
export type Lane = z.infer<typeof Lane>;

/** Made by the page: its four connections watch the same run, and nobody else's. */
export const RunId = z.string().regex(/^[\w-]{16,64}$/);

const MAX_RATE = 50;

/** Events a second. */
export const Rate = z.object({ perSecond: z.number().min(0.2).max(MAX_RATE) });
export type Rate = z.infer<typeof Rate>;

export const Break = z.object({ ms: z.int().min(100).max(30_000) });
export type Break = z.infer<typeof Break>;

/** `at`: when it happened, in milliseconds since 1970 on the server's clock. */
export const Tick = z.object({ n: z.number(), at: z.number() });
export type Tick = z.infer<typeof Tick>;

export const Watch = z.object({ run: RunId });
export type Watch = z.infer<typeof Watch>;

export const LabProtocol = defineProtocol('lab.v1', {
  client: { watch: { payload: Watch, stream: Tick } },
  server: {},
});

/** What a transport has cost since its lane was opened, as the server's sockets counted it. */
export interface Cost {
  /** HTTP requests; the handshake of a WebSocket is one. */
  readonly requests: number;
  /** With headers and frames, without TLS and what is below. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface Figures {
  /** The server's clock, to which the page sets its own. */
  readonly now: number;
  readonly costs: Readonly<Partial<Record<Lane, Cost>>>;
}
