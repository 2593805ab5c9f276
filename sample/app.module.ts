import * as MessagePack from '@msgpack/msgpack';
import { Module } from '@nestjs/common';
import { msgpack, NestwireModule } from 'nestwire';
import { redis } from 'nestwire/redis';
import { ChatModule } from './chat/chat.module.js';
import { DocumentModule } from './document/document.module.js';
import { GameModule } from './game/game.module.js';
import { HealthModule } from './health/health.module.js';
import { LabModule } from './lab/lab.module.js';
import { ProgressModule } from './progress/progress.module.js';
import { REDIS_URL } from './redis-url.js';
import { StoreModule } from './store/store.module.js';

/** Addresses and networks of proxies that say who the client is, with commas between them. */
const TRUSTED_PROXIES = process.env['TRUSTED_PROXIES'];

@Module({
  imports: [
    NestwireModule.forRoot({
      codecs: [msgpack(MessagePack)],
      ...(REDIS_URL ? { broker: redis({ url: REDIS_URL }) } : {}),
      ...(TRUSTED_PROXIES ? { trustedProxies: TRUSTED_PROXIES.split(',') } : {}),
    }),
    HealthModule,
    StoreModule,
    ChatModule,
    ProgressModule,
    LabModule,
    GameModule,
    DocumentModule,
  ],
})
export class AppModule {}
