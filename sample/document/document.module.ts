import { Module } from '@nestjs/common';
import { DocumentGateway } from './document.gateway.js';
import { DocumentService } from './document.service.js';

@Module({ providers: [DocumentGateway, DocumentService] })
export class DocumentModule {}
