import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { LabService } from './lab.service.js';
import { placeOf } from './lane-meter.js';

/** Sees requests and upgrades before the gateway does, and cuts those of a run that is broken on purpose. */
@Injectable()
export class LaneMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  constructor(private readonly lab: LabService) {}

  use(request: IncomingMessage, _response: ServerResponse, next: () => void): void {
    const place = placeOf(request);
    if (place && this.lab.isBroken(place.run)) request.socket.destroy();
    else next();
  }
}
