import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { servePage } from './serve-page.js';

const DEFAULT_PORT = 3000;

async function main(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  servePage(app);
  await app.listen(Number(process.env['PORT'] ?? DEFAULT_PORT));
  console.log(`The sample is at ${addressOf(app)}`);
}

function addressOf(app: NestExpressApplication): string {
  const { port } = app.getHttpServer().address() as { port: number };
  return `http://localhost:${port}`;
}

void main();
