import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Observable, Subscriber } from 'rxjs';
import { type StreamForm, chooseForm, readWaitMs } from '../../protocol/polling/index.js';
import { type Limits, Outbound } from '../../session/index.js';
import { Http2Sessions, endConnectionAfter, whenClosed } from '../../transport/event-stream/index.js';
import { NESTWIRE_LIMITS } from '../nestwire.constants.js';
import { NESTWIRE_OPTIONS } from '../nestwire.module-definition.js';
import type { NestwireOptions } from '../nestwire.options.js';
import type { Departing, ShutdownPart } from '../shutdown/shutdown-part.js';
import { Shutdown } from '../shutdown/shutdown.js';
import { Exchange, type Share, rememberExchange } from './exchange.js';
import { answerAtOnce } from './immediate-answer.js';
import { OpenAnswers } from './open-answers.js';
import { PollAnswer } from './poll-answer.js';
import { ReplayStore } from './replay-store.js';
import type { SseCall } from './sse-call.js';
import {
  type EventStreamSettings,
  type ReplayOptions,
  type SseEndpointOptions,
  resolveSettings,
} from './sse-options.js';
import { StreamAnswer, type StreamAnswerOptions } from './stream-answer.js';

const RETRY_AFTER_SECONDS = '1';

/** Everything that endpoints share: what is open, which runs are remembered, and their end at shutdown. */
@Injectable()
export class SseServer implements OnModuleDestroy, ShutdownPart {
  private readonly settings: EventStreamSettings;
  private readonly answers: OpenAnswers;
  private readonly http2Sessions = new Http2Sessions();
  private readonly stores = new Map<ReplayOptions, ReplayStore>();

  constructor(
    @Inject(NESTWIRE_OPTIONS) options: NestwireOptions,
    @Inject(NESTWIRE_LIMITS) private readonly limits: Limits,
    private readonly adapterHost: HttpAdapterHost,
    private readonly shutdown: Shutdown,
  ) {
    shutdown.add(this);
    this.settings = resolveSettings(options.eventStreams);
    this.answers = new OpenAnswers(this.settings);
  }

  /** @throws HttpException when there is no place for one more */
  reserve(call: SseCall): () => void {
    // the answer itself is made from the exception, which knows no headers
    if (this.shutdown.hasBegun) {
      call.setHeader('Retry-After', RETRY_AFTER_SECONDS);
      endConnectionAfter(call.request, call.response);
    }
    return this.answers.reserve(call.address);
  }

  /** Undefined: the client wants what no stream can be. */
  formOf(call: SseCall): StreamForm | undefined {
    return chooseForm(call.header('accept'));
  }

  /** @returns false when the method has to be asked */
  answerAtOnce(call: SseCall, form: StreamForm): boolean {
    return answerAtOnce(this.adapterHost.httpAdapter, call, form);
  }

  /** @returns ends it, for a client that is gone */
  answer(
    call: SseCall,
    form: StreamForm,
    endpoint: SseEndpointOptions,
    handle: () => Observable<unknown>,
    nest: Subscriber<unknown>,
  ): () => void {
    this.http2Sessions.note(call.request);
    const late: { answer?: StreamAnswer } = {};
    const outbound = new Outbound(this.limits, { outboundOverflowed: () => late.answer?.cutOff() });
    const exchange = this.exchange(call, form, outbound);
    const answer =
      form === 'json'
        ? new PollAnswer(call, exchange, this.adapterHost.httpAdapter, nest)
        : (late.answer = new StreamAnswer(call, exchange, this.streamOptions(endpoint), nest));
    exchange.answer = answer;
    rememberExchange(call.platformResponse, exchange);
    this.answers.add(answer);
    // an error in the middle is over for Nest before it is for the client
    whenClosed(call.request, call.response, () => this.answers.remove(answer));
    answer.begin(handle());
    return () => answer.stop();
  }

  private exchange(call: SseCall, form: StreamForm, outbound: Outbound): Exchange {
    const waitMs = Math.min(readWaitMs(call.header('prefer')) ?? 0, this.settings.maxWaitMs);
    const request = { platform: call.platformRequest, form, cursor: call.cursor, waitMs };
    return new Exchange(request, outbound, this.share);
  }

  private streamOptions({ overflow, compression, retryMs }: SseEndpointOptions): StreamAnswerOptions {
    return {
      heartbeatMs: this.settings.heartbeatMs,
      retryMs: retryMs ?? this.settings.retryMs,
      compression: compression ?? false,
      overflow: overflow ?? 'buffer',
    };
  }

  private readonly share: Share = (options, key, start) => {
    let store = this.stores.get(options);
    if (!store) this.stores.set(options, (store = new ReplayStore(options)));
    return store.run(key, start);
  };

  /** Before the HTTP server closes, which would wait for them. */
  async onModuleDestroy(): Promise<void> {
    await this.shutdown.run();
  }

  refuseNewcomers(): Departing[] {
    return this.answers.refuseNewcomers();
  }

  /** The HTTP server waits for the answers that are still open. */
  emptied(): Promise<void> {
    this.answers.told(this.limits.closeWaitMs);
    return Promise.resolve();
  }

  cutOff(): void {
    this.answers.cutOff();
  }

  close(): Promise<void> {
    for (const store of this.stores.values()) store.close();
    this.http2Sessions.close();
    return Promise.resolve();
  }
}
