import { join } from 'node:path';
import { type ServerResponse } from 'node:http';
import { type NestExpressApplication } from '@nestjs/platform-express';

/** Vite writes the page beside the compiled server: dist-sample/page. */
const PAGE = join(import.meta.dirname, 'page');

/** Serves the built page at `/`; what is not one of its files falls through to Nest's routes and its 404. */
export function servePage(app: NestExpressApplication): void {
  app.useStaticAssets(PAGE, { setHeaders, redirect: false });
}

function setHeaders(response: ServerResponse, path: string): void {
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'",
  );
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', cachingOf(path));
}

/** Vite names what it puts into assets/ by content, so only those files can never change under their name. */
function cachingOf(path: string): string {
  return path.startsWith(join(PAGE, 'assets')) ? 'public, max-age=31536000, immutable' : 'no-cache';
}
