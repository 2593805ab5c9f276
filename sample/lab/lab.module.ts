import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { LabController } from './lab.controller.js';
import { LabGateway } from './lab.gateway.js';
import { LabService } from './lab.service.js';
import { LaneMeter } from './lane-meter.js';
import { LaneMiddleware } from './lane-middleware.js';

@Module({ controllers: [LabController], providers: [LabGateway, LabService, LaneMeter] })
export class LabModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(LaneMiddleware).forRoutes('*path');
  }
}
