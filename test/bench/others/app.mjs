/** What both stock Nest contestants are: one gateway in an application that is quiet. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { announce } from '../contestants/control.mjs';
import { decorate } from '../contestants/decorate.mjs';

/** @param Gateway has the methods echo(data) and cast(data), and gets `server` */
export async function serve(Gateway, options, Adapter) {
  for (const event of ['echo', 'cast']) {
    MessageBody()(Gateway.prototype, event, 0);
    decorate(Gateway, event, SubscribeMessage(event));
  }
  WebSocketServer()(Gateway.prototype, 'server');
  WebSocketGateway(options)(Gateway);
  class AppModule {}
  Module({ providers: [Gateway] })(AppModule);

  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useWebSocketAdapter(new Adapter(app));
  await app.listen(0, '127.0.0.1');
  announce(app.getHttpServer().address().port);
}
