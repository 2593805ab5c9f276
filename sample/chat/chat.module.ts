import { Module } from '@nestjs/common';
import { ChatGateway } from './chat.gateway.js';
import { ChatService } from './chat.service.js';
import { ImageStore } from './image-store.js';

@Module({ providers: [ChatGateway, ChatService, ImageStore] })
export class ChatModule {}
