import { Module } from '@nestjs/common';
import { REDIS_URL } from '../redis-url.js';
import { FileStore } from '../store/file-store.js';
import { ChatGateway } from './chat.gateway.js';
import { ChatService } from './chat.service.js';
import { FileShelf } from './file-shelf.js';
import { ImageShelf } from './image-shelf.js';
import { ImageStore } from './image-store.js';
import { RedisShelf } from './redis-shelf.js';

/** Files are of one process only. */
const imageShelf = {
  provide: ImageShelf,
  useFactory: (store: FileStore) => (REDIS_URL ? new RedisShelf(REDIS_URL) : new FileShelf(store)),
  inject: [FileStore],
};

@Module({ providers: [ChatGateway, ChatService, ImageStore, imageShelf] })
export class ChatModule {}
