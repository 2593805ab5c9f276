import { Gateway, Payload, Subscribe } from 'nestwire';
import { type Observable } from 'rxjs';
import { LabProtocol, type Tick, type Watch } from './lab.protocol.js';
import { LabService } from './lab.service.js';

/** Nothing in here knows by which transport its clients come. */
@Gateway({ path: '/lab', protocol: LabProtocol })
export class LabGateway {
  constructor(private readonly lab: LabService) {}

  @Subscribe(LabProtocol, 'watch')
  watch(@Payload() { run }: Watch): Observable<Tick> {
    return this.lab.watch(run);
  }
}
