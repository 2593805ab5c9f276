import * as MessagePack from '@msgpack/msgpack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, connect, msgpack } from 'nestwire/client';
import { filter, firstValueFrom } from 'rxjs';
import { ChatProtocol, type Message, type PeopleEvent } from '../../sample/chat/chat.protocol.js';
import { Presence } from '../../sample/page/chat/presence.js';
import { RedisServer } from '../support/redis-server.js';
import { SampleProcess } from '../support/sample-process.js';

let redis: RedisServer;
let processes: SampleProcess[];

beforeAll(async () => {
  redis = await RedisServer.start();
  const env = { REDIS_URL: redis.url };
  processes = await Promise.all([SampleProcess.start(env), SampleProcess.start(env)]);
});

afterAll(async () => {
  await Promise.all(processes.map((each) => each.end()));
  await redis.stop();
});

/** Somebody without a browser. */
class Person {
  readonly client: Client<typeof ChatProtocol>;
  private readonly told: PeopleEvent[] = [];
  private readonly presence = new Presence();

  constructor(
    process: SampleProcess,
    private readonly name: string,
  ) {
    this.client = connect(`${process.url}/chat`, { protocol: ChatProtocol, codec: msgpack(MessagePack) });
    this.client.on('people').subscribe((event) => {
      this.told.push(event);
      this.presence.apply(event);
    });
  }

  async enter(): Promise<void> {
    await this.client.request('enter', { key: `key-of-somebody-named-${this.name}`, name: this.name });
    await this.client.request('channel.join', { channel: 'general' });
  }

  async sees(...names: string[]): Promise<void> {
    const shown = () => this.presence.list.map(({ name }) => name).join();
    while (shown() !== names.join()) await firstValueFrom(this.client.on('people'));
  }

  /** An image with nothing to say to it. @returns what the others are told of it */
  send(image: Uint8Array): Promise<Message> {
    const id = `image-${'0'.repeat(16)}`;
    return this.client.request('message.send', { id, channel: 'general', text: '', image });
  }

  timesTold(type: PeopleEvent['type'], name: string): number {
    return this.told.filter(
      (event) => event.type === type && 'person' in event && event.person.info.name === name,
    ).length;
  }

  /** The number beside the channel. */
  async counts(people: number): Promise<void> {
    const isIt = filter(
      (info: { name: string; people: number }) => info.name === 'general' && info.people === people,
    );
    await firstValueFrom(this.client.on('channel').pipe(isIt));
  }
}

describe('The chat in two processes with Redis', () => {
  it('has one list of people, where somebody with a tab on each is once, and one count', async () => {
    const [first, second] = processes as [SampleProcess, SampleProcess];
    const [anna, ben, benAgain] = [
      new Person(first, 'Anna'),
      new Person(second, 'Ben'),
      new Person(first, 'Ben'),
    ];
    const counted = anna.counts(2);
    await anna.enter();
    await ben.enter();
    await Promise.all([anna.sees('Anna', 'Ben'), ben.sees('Anna', 'Ben'), counted]);
    await benAgain.enter();
    await benAgain.sees('Anna', 'Ben');
    expect(anna.timesTold('joined', 'Ben')).toBe(1);
    const alone = anna.counts(1);
    benAgain.client.close();
    ben.client.close();
    await Promise.all([anna.sees('Anna'), alone]);
    expect(anna.timesTold('left', 'Ben')).toBe(1);
    anna.client.close();
  });

  it('has the images that were sent to one of them in the other, too', async () => {
    const [first, second] = processes as [SampleProcess, SampleProcess];
    const [anna, ben] = [new Person(first, 'Anna'), new Person(second, 'Ben')];
    await Promise.all([anna.enter(), ben.enter()]);
    const told = firstValueFrom(ben.client.on('message'));
    const bytes = Buffer.from('GIF89a, and more');
    await anna.send(bytes);
    const { image } = await told;
    expect(await ben.client.request('image.get', { id: image!.id })).toEqual({
      type: 'image/gif',
      bytes: new Uint8Array(bytes),
    });
    for (const person of [anna, ben]) person.client.close();
  });
});
