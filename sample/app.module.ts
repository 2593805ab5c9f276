import { Module } from '@nestjs/common';
import { NestwireModule } from 'nestwire';
import { ChatModule } from './chat/chat.module.js';

@Module({ imports: [NestwireModule.forRoot(), ChatModule] })
export class AppModule {}
