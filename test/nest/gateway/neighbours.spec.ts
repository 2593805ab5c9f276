import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { Gateway, NestwireAdapter } from 'nestwire';
import { type TestApp, startApp } from '../../support/test-app.js';

@Gateway('/rooms/:room')
class RoomGateway {}

@WebSocketGateway({ path: '/rooms/blue' })
class StockRoomGateway {}

@WebSocketGateway({ path: '/rooms' })
class StockListGateway {}

@WebSocketGateway()
class StockGatewayAnywhere {}

describe('a class under @WebSocketGateway beside a gateway', () => {
  let test: TestApp | undefined;

  afterEach(async () => {
    await test?.close();
    test = undefined;
  });

  const start = async (stock: Type, prefix?: string): Promise<void> => {
    const prepare = (app: INestApplication): void => {
      app.useWebSocketAdapter(new NestwireAdapter(app));
      if (prefix) app.setGlobalPrefix(prefix);
    };
    test = await startApp({ module: { providers: [RoomGateway, stock] }, prepare });
  };

  it('keeps the application from starting when its path is one of the gateway', async () => {
    await expect(start(StockRoomGateway)).rejects.toThrow(
      'StockRoomGateway (@WebSocketGateway) has path /rooms/blue, which is that of RoomGateway {/rooms/:room} too',
    );
  });

  it.each([StockListGateway, StockGatewayAnywhere])('is left alone elsewhere (%p)', async (stock) => {
    await expect(start(stock)).resolves.toBeUndefined();
  });

  it('is left alone where the prefix of the application is before the path of the gateway', async () => {
    await expect(start(StockRoomGateway, 'api')).resolves.toBeUndefined();
  });
});
