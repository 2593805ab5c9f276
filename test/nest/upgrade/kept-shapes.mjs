/**
 * How many of the requests that sessions keep have the shape of the one before, in a process of its own: in one
 * that has loaded Node's classes into many contexts V8 gives none a shape to share. Runs dist/.
 */
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CurrentSession, Gateway, NestwireModule, OnConnect } from '../../../dist/index.js';
import { WebSocket } from '../../../dist/transport/websocket/index.js';

// V8's own word for whether two objects share a shape
setFlagsFromString('--allow-natives-syntax');
const haveSameShape = runInThisContext('(a, b) => %HaveSameMap(a, b)');

const CLIENTS = 12;
const requests = [];

class KeptGateway {
  connect({ request }) {
    requests.push(request);
  }
}
const { prototype } = KeptGateway;
CurrentSession()(prototype, 'connect', 0);
OnConnect()(prototype, 'connect', Object.getOwnPropertyDescriptor(prototype, 'connect'));
Gateway('/kept')(KeptGateway);

class AppModule {}
Module({ imports: [NestwireModule.forRoot()], providers: [KeptGateway] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();
const clients = [];
for (let i = 0; i < CLIENTS; i++) {
  const client = new WebSocket(`ws://127.0.0.1:${port}/kept`);
  await new Promise((resolve, reject) => client.on('open', resolve).on('error', reject));
  clients.push(client);
}
const alike = requests.slice(1).filter((request, i) => haveSameShape(request, requests[i]));
console.log(JSON.stringify({ kept: requests.length, alike: alike.length }));
for (const client of clients) client.terminate();
await app.close();
