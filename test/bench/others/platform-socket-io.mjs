import { IoAdapter } from '@nestjs/platform-socket.io';
import { options } from '../contestants/control.mjs';
import { serve } from './app.mjs';

class BenchGateway {
  echo(data) {
    return { event: 'echo', data };
  }

  cast(data) {
    this.server.emit('cast', data);
  }
}

const gatewayOptions = {
  transports: ['websocket'],
  maxHttpBufferSize: options.maxMessageBytes,
  perMessageDeflate: options.deflate,
};
await serve(BenchGateway, gatewayOptions, IoAdapter);
