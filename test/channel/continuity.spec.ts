import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Channel, ChannelGapError, Channels } from '../../lib/channel/index.js';
import { TestHost, openSession, settle } from '../support/test-session.js';
import { UnsteadyBroker } from '../support/unsteady-broker.js';

describe('a channel whose broker loses publications on their way', () => {
  let broker: UnsteadyBroker;
  let channel: Channel<number>;
  let client: ReturnType<typeof openSession>['client'];

  beforeEach(async () => {
    broker = new UnsteadyBroker();
    const channels = new Channels(broker);
    channel = channels.channel('c', { history: { size: 5 } });
    const opened = openSession(new TestHost(), {}, channels.membership);
    client = opened.client;
    await opened.session.join(channel);
  });

  afterEach(async () => {
    await broker.close();
  });

  async function publish(from: number, to: number): Promise<void> {
    for (let i = from; i <= to; i++) await channel.publish(i);
  }

  const got = (): unknown[] => client.take().map(({ event, data }) => (event === 'message' ? data : event));

  it('reads them from the history, and delivers all in order', async () => {
    broker.loses = ({ body }) => body === '2' || body === '3' || body === '6';
    await publish(1, 7);
    await settle();
    await publish(8, 8);

    expect(got()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(broker.reads).toBe(2);
  });

  it('tells a gap when the history has them no longer, and where it ends', async () => {
    await publish(1, 1);
    broker.loses = () => true;
    await publish(2, 8);
    broker.loses = () => false;
    const { epoch, offset } = (await channel.publish(9))!;
    await settle();

    expect(client.take().slice(1)).toEqual([
      {
        event: 'nestwire:gap',
        data: { channel: 'c', cursor: `1.${epoch}.${offset - 1}`, recovered: false },
      },
      expect.objectContaining({ data: 9, cursor: `1.${epoch}.${offset}` }),
    ]);
  });

  it('tells a gap when the epoch has changed', async () => {
    await publish(1, 2);
    broker.alters = ({ body, position }) => ({
      body,
      position: { epoch: 'another', offset: position!.offset },
    });
    await publish(3, 4);

    expect(got()).toEqual([1, 2, 'nestwire:gap', 3, 4]);
  });

  it('tells at once what the broker knows to be lost, and only once', async () => {
    await publish(1, 1);
    broker.loses = () => true;
    await publish(2, 2);
    const position = (await channel.publish(3))!;
    broker.loses = () => false;
    const lose = [...broker.losses][0]!;
    lose(position);
    lose(position);
    await publish(4, 4);

    expect(got()).toEqual([1, 'nestwire:gap', 4]);
  });

  it('gives up a repair when the broker knows better', async () => {
    await publish(1, 1);
    broker.loses = ({ body }) => body === '2';
    broker.holdReads();
    await publish(2, 4);
    for (const lose of broker.losses) lose({ ...(await channel.publish(5))!, offset: 3 });
    broker.releaseReads();
    await settle();

    expect(got()).toEqual([1, 'nestwire:gap', 4, 5]);
  });

  it('leaves out what comes twice', async () => {
    await publish(1, 2);
    const [position] = [(await channel.publish(3))!];
    broker.alters = (publication) => ({ ...publication, position });
    await publish(4, 4);

    expect(got()).toEqual([1, 2, 3]);
  });

  it('tells those who observe by an error', async () => {
    const errors: unknown[] = [];
    const data: number[] = [];
    channel.observe().subscribe({ next: (item) => data.push(item), error: (error) => errors.push(error) });
    await publish(1, 1);
    broker.loses = () => true;
    await publish(2, 8);
    broker.loses = () => false;
    await publish(9, 9);
    await settle();

    expect(data).toEqual([1]);
    expect(errors).toEqual([expect.any(ChannelGapError)]);
  });

  it('holds back no more than a bounded number while it reads', async () => {
    broker.loses = ({ body }) => body === '2';
    await publish(1, 1);
    broker.holdReads();
    channel.publish(2).catch(() => undefined);
    for (let i = 3; i <= 1500; i++) void channel.publish(i);
    broker.releaseReads();
    await settle();
    await publish(1501, 1501);
    await settle();

    const messages = got();
    expect(messages[0]).toBe(1);
    expect(messages).toContain('nestwire:gap');
    expect(messages.at(-1)).toBe(1501);
    const numbers = messages.filter((item) => typeof item === 'number');
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});
