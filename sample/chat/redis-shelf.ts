import { type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { KEPT_IMAGES } from './chat.limits.js';
import { type ImageShelf } from './image-shelf.js';

const BYTES = 'sample:chat:images';
const ORDER = 'sample:chat:images:order';

/** One for all processes: what is told of in a message is here, whichever process somebody asks for it. */
export class RedisShelf implements ImageShelf, OnApplicationShutdown {
  private readonly redis: Redis;

  constructor(url: string) {
    // the broker logs that Redis is away; requests meanwhile fail by themselves
    this.redis = new Redis(url, { lazyConnect: true }).on('error', () => undefined);
  }

  async put(id: string, bytes: Uint8Array): Promise<void> {
    await this.redis.multi().hset(BYTES, id, Buffer.from(bytes)).zadd(ORDER, Date.now(), id).exec();
    const gone = await this.redis.zrange(ORDER, 0, `${-1 - KEPT_IMAGES}`);
    if (gone.length > 0)
      await this.redis
        .multi()
        .hdel(BYTES, ...gone)
        .zrem(ORDER, ...gone)
        .exec();
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    return (await this.redis.hgetBuffer(BYTES, id)) ?? undefined;
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
