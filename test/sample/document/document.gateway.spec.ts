import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as MessagePack from '@msgpack/msgpack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { msgpack } from 'nestwire';
import { type Client, connect, msgpack as msgpackOfClient } from 'nestwire/client';
import { firstValueFrom } from 'rxjs';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { DocumentGateway } from '../../../sample/document/document.gateway.js';
import { DOCUMENT_BYTES } from '../../../sample/document/document.limits.js';
import { DocumentProtocol } from '../../../sample/document/document.protocol.js';
import { DocumentService } from '../../../sample/document/document.service.js';
import { FileStore } from '../../../sample/store/file-store.js';
import { type TestApp, startApp } from '../../support/test-app.js';

type Page = Client<typeof DocumentProtocol>;

let folder: string;
let app: TestApp;
let pages: Page[];

beforeEach(async () => {
  pages = [];
  folder = await mkdtemp(join(tmpdir(), 'nestwire-document-'));
  const store = { provide: FileStore, useValue: new FileStore(folder) };
  app = await startApp({
    module: { providers: [store, DocumentService, DocumentGateway] },
    nestwire: { codecs: [msgpack(MessagePack)] },
  });
});

afterEach(async () => {
  for (const page of pages) page.close();
  await app.close();
  await rm(folder, { recursive: true });
});

async function open(): Promise<Page> {
  const url = `http://${app.address}/document`;
  const page = connect(url, { protocol: DocumentProtocol, codec: msgpackOfClient(MessagePack) });
  pages.push(page);
  await page.request('open', { vector: new Uint8Array([0]) });
  return page;
}

function edit(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('text').insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

describe('The gateway of the document', () => {
  it('tells an edit to all but its author', async () => {
    const [anna, ben] = [await open(), await open()];
    const echoes: unknown[] = [];
    anna.on('edited').subscribe((echo) => echoes.push(echo));
    const told = firstValueFrom(ben.on('edited'));
    const update = edit('Hello');
    await anna.request('edit', { update });
    expect((await told).update).toEqual(update);
    await anna.request('open', { vector: new Uint8Array([0]) });
    expect(echoes).toEqual([]);
  });

  it('takes a cursor away with its page', async () => {
    const [anna, ben] = [await open(), await open()];
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState({ user: { name: 'Anna', color: '#808080' } });
    const there = firstValueFrom(ben.on('pointed'));
    anna.send('point', { cursors: encodeAwarenessUpdate(awareness, [awareness.clientID]) });
    expect(String(Buffer.from((await there).cursors))).toContain('Anna');
    const gone = firstValueFrom(ben.on('pointed'));
    anna.close();
    expect(String(Buffer.from((await gone).cursors))).toContain('null');
    awareness.destroy();
  });

  it('refuses what is too large and what are no bytes, and goes on', async () => {
    const anna = await open();
    const refused = { code: 'VALIDATION_FAILED' };
    await expect(anna.request('edit', { update: new Uint8Array(DOCUMENT_BYTES + 1) })).rejects.toMatchObject(
      refused,
    );
    const noBytes = 'bytes' as unknown as Uint8Array;
    await expect(anna.request('edit', { update: noBytes })).rejects.toMatchObject(refused);
    await expect(anna.request('edit', { update: new Uint8Array([1]) })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await anna.request('edit', { update: edit('Hello') })).toBeNull();
  });
});
