import { defineProtocol } from 'nestwire/protocol';
import { z } from 'zod';
import { CURSOR_BYTES, DOCUMENT_BYTES, NAME_LENGTH } from './document.limits.js';

/** Bytes travel as they are: the protocol is spoken in MessagePack. */
function bytes(max: number): z.ZodType<Uint8Array> {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= max);
}

/** In the encoding of Yjs. */
const Update = bytes(DOCUMENT_BYTES);
/** Of Yjs: how much of each author's work is known. */
const Vector = bytes(DOCUMENT_BYTES);
/** In the encoding of y-protocols/awareness. */
const Cursors = bytes(Infinity);

export const Open = z.object({ vector: Vector });
export type Open = z.infer<typeof Open>;

/** What the page lacks, what the server has (so that the page can send what the server lacks), who is there. */
export const Opened = z.object({ update: Update, vector: Vector, cursors: Cursors });
export type Opened = z.infer<typeof Opened>;

export const Edit = z.object({ update: Update });
export type Edit = z.infer<typeof Edit>;

export const Point = z.object({ cursors: bytes(CURSOR_BYTES) });
export type Point = z.infer<typeof Point>;

const YId = z.object({ client: z.number(), clock: z.number() });
const YPosition = z.object({
  type: YId.nullish(),
  tname: z.string().nullish(),
  item: YId.nullish(),
  assoc: z.number().optional(),
});

/** What is in `cursors` for each page: pages take it as it comes. */
export const CursorState = z
  .object({
    user: z.object({ name: z.string().max(NAME_LENGTH), color: z.literal('#808080') }).optional(),
    cursor: z.object({ anchor: YPosition, head: YPosition }).nullish(),
  })
  .nullable();

export const DocumentProtocol = defineProtocol('document.v1', {
  client: {
    open: { payload: Open, reply: Opened },
    /** Answered when the edit is on disk. */
    edit: { payload: Edit, reply: z.null() },
    point: { payload: Point },
  },
  server: { edited: Edit, pointed: z.object({ cursors: Cursors }) },
});
