import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  NotAcceptableException,
} from '@nestjs/common';
import { Observable, of } from 'rxjs';
import { SSE_METADATA } from '../decorators/metadata.js';
import { exchangeOf } from './exchange.js';
import { SseCall } from './sse-call.js';
import type { SseEndpointOptions } from './sse-options.js';
import { SseServer } from './sse-server.js';

/**
 * Answers for the methods under `@SseEndpoint`. It has to be the outermost of the interceptors, so that what
 * they make of an item is what is sent; where it is met a second time it lets everything pass.
 */
@Injectable()
export class SseInterceptor implements NestInterceptor {
  constructor(private readonly server: SseServer) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const options = Reflect.getMetadata(SSE_METADATA, context.getHandler()) as SseEndpointOptions | undefined;
    const http = context.switchToHttp();
    const response = http.getResponse<SseCall['platformResponse']>();
    if (!options || exchangeOf(response)) return next.handle();
    return this.answer(new SseCall(http.getRequest(), response), options, next);
  }

  private answer(call: SseCall, options: SseEndpointOptions, next: CallHandler): Observable<unknown> {
    const form = this.server.formOf(call);
    if (!form) throw new NotAcceptableException('an event stream is text/event-stream or application/json');
    if (this.server.answerAtOnce(call, form)) return of(undefined);
    return new Observable((nest) => {
      nest.add(this.server.reserve(call));
      return this.server.answer(call, form, options, () => next.handle(), nest);
    });
  }
}
