import { WsAdapter } from '@nestjs/platform-ws';
import { options } from '../contestants/control.mjs';
import { serve } from './app.mjs';

class BenchGateway {
  echo(data) {
    return { event: 'echo', data };
  }

  cast(data) {
    const message = JSON.stringify({ event: 'cast', data });
    for (const client of this.server.clients) client.send(message);
  }
}

const gatewayOptions = {
  path: '/',
  maxPayload: options.maxMessageBytes,
  perMessageDeflate: options.deflate,
};
await serve(BenchGateway, gatewayOptions, WsAdapter);
