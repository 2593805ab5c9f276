import * as MessagePack from '@msgpack/msgpack';
import { Module } from '@nestjs/common';
import { NestwireModule, msgpack } from 'nestwire';
import { ChatModule } from './chat/chat.module.js';
import { DocumentModule } from './document/document.module.js';
import { GameModule } from './game/game.module.js';

@Module({
  imports: [
    NestwireModule.forRoot({ codecs: [msgpack(MessagePack)] }),
    ChatModule,
    DocumentModule,
    GameModule,
  ],
})
export class AppModule {}
