import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { LabService } from './lab.service.js';
import { LaneMeter, placeOf } from './lane-meter.js';

/** Sees every request, upgrades too: counts what it costs, and cuts those of a run that is broken on purpose. */
@Injectable()
export class LaneMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  constructor(
    private readonly meter: LaneMeter,
    private readonly lab: LabService,
  ) {}

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const place = placeOf(request);
    if (place && this.lab.isBroken(place.run)) {
      request.socket.destroy();
      return;
    }
    this.meter.follow(request, response);
    next();
  }
}
