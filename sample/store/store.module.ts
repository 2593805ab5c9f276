import { Global, Module } from '@nestjs/common';
import { FileStore } from './file-store.js';

@Global()
@Module({ providers: [{ provide: FileStore, useFactory: () => new FileStore() }], exports: [FileStore] })
export class StoreModule {}
