import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Channels } from 'nestwire';
import { firstValueFrom } from 'rxjs';
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { DOCUMENT_BYTES } from '../../../sample/document/document.limits.js';
import { FileStore } from '../../../sample/store/file-store.js';
import { DocumentService } from '../../../sample/document/document.service.js';

let folders: string[];
let running: DocumentService[];
let channels: Channels;

beforeEach(() => {
  folders = [];
  running = [];
  channels = new Channels(new MemoryBroker());
});

afterEach(async () => {
  await Promise.all(running.map((service) => service.onModuleDestroy()));
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nestwire-document-'));
  folders.push(folder);
  return folder;
}

async function started(folder: string): Promise<DocumentService> {
  const service = new DocumentService(channels, new FileStore(folder));
  await service.onModuleInit();
  running.push(service);
  return service;
}

function writtenBy(client: number, text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = client;
  doc.getText('text').insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

async function textOf(service: DocumentService): Promise<string> {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, (await service.open(Y.encodeStateVector(doc))).update);
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- the text that it holds
  return doc.getText('text').toString();
}

describe('The document', () => {
  it('merges what its authors write, and has it after a restart', async () => {
    const folder = await newFolder();
    const service = await started(folder);
    await service.edit(writtenBy(1, 'from Anna '), 'anna');
    await service.edit(writtenBy(2, 'from Ben '), 'ben');
    await service.edit(writtenBy(1, 'from Anna '), 'anna');
    const before = await textOf(service);
    expect(before).toHaveLength('from Anna from Ben '.length);
    expect(await textOf(await started(folder))).toBe(before);
  });

  it('takes nothing that is too much, and says so, but still takes what makes it smaller', async () => {
    const service = await started(await newFolder());
    const doc = new Y.Doc();
    doc.getText('text').insert(0, 'x'.repeat(DOCUMENT_BYTES - 1_000));
    await service.edit(Y.encodeStateAsUpdate(doc), 'anna');
    await expect(service.edit(writtenBy(7, 'y'.repeat(2_000)), 'ben')).rejects.toMatchObject({
      response: { code: 'DOCUMENT_FULL' },
    });
    expect(await textOf(service)).not.toContain('y');
    const vector = Y.encodeStateVector(doc);
    doc.getText('text').delete(0, 100_000);
    await service.edit(Y.encodeStateAsUpdate(doc, vector), 'anna');
    await service.edit(writtenBy(7, 'y'.repeat(2_000)), 'ben');
    expect(await textOf(service)).toContain('y');
  });

  it('refuses what is no update, every cut of one, and goes on', async () => {
    const service = await started(await newFolder());
    const update = writtenBy(1, 'whole');
    for (let length = 0; length < update.length; length++) {
      await expect(service.edit(update.subarray(0, length), 'anna')).rejects.toThrow('not what Yjs writes');
    }
    await expect(service.open(new Uint8Array([200, 1]))).rejects.toThrow('not what Yjs writes');
    await service.edit(update, 'anna');
    expect(await textOf(service)).toBe('whole');
  });

  it('is the same in two processes, also for one that starts later or was away', async () => {
    const [one, two] = [await started(await newFolder()), await started(await newFolder())];
    await one.edit(writtenBy(1, 'one '), 'anna');
    await two.edit(writtenBy(2, 'two '), 'ben');
    const three = await started(await newFolder());
    await firstValueFrom(three.edits$);
    const texts = await Promise.all([one, two, three].map(textOf));
    expect(texts[0]).toHaveLength('one two '.length);
    expect(new Set(texts).size).toBe(1);
  });
});

describe('Cursors in the document', () => {
  const cursorOf = (name: string) => {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState({ user: { name, color: '#808080' } });
    const bytes = encodeAwarenessUpdate(awareness, [awareness.clientID]);
    awareness.destroy();
    return { client: awareness.clientID, bytes };
  };

  it('are told to newcomers, until their page is gone', async () => {
    const service = await started(await newFolder());
    const anna = cursorOf('Anna');
    expect(service.point(anna.bytes, 'anna')).toBe(anna.client);
    const page = new Awareness(new Y.Doc());
    applyAwarenessUpdate(page, (await service.open(new Uint8Array([0]))).cursors, 'server');
    expect(page.getStates().get(anna.client)).toMatchObject({ user: { name: 'Anna' } });
    service.cursors$.subscribe(({ bytes }) => applyAwarenessUpdate(page, bytes, 'server'));
    service.forget(anna.client);
    expect(page.getStates().has(anna.client)).toBe(false);
    page.destroy();
  });

  it('are moved by nobody else, and have to be cursors', async () => {
    const service = await started(await newFolder());
    const [anna, ben] = [cursorOf('Anna'), cursorOf('Ben')];
    expect(() => service.point(anna.bytes, 'ben', ben.client)).toThrow('not yours');
    for (const bytes of [[], [1], [2, 1, 1, 4], [1, 1, 1, 200]]) {
      expect(() => service.point(new Uint8Array(bytes), 'ben')).toThrow('not one cursor');
    }
  });
});
