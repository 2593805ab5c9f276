import type { MessageId } from '../protocol/envelope/index.js';
import type { OpenRequest } from './open-request.js';

/** The requests of one session whose answer has not ended. */
export class OpenRequests {
  private readonly all = new Set<OpenRequest>();
  private readonly byId = new Map<MessageId, OpenRequest>();

  get size(): number {
    return this.all.size;
  }

  find(id: MessageId): OpenRequest | undefined {
    return this.byId.get(id);
  }

  add(request: OpenRequest): void {
    const { id } = request.message;
    this.all.add(request);
    if (id !== undefined) this.byId.set(id, request);
  }

  /** The id may belong to another request by now: a cancelled one gives it back before it is over. */
  delete(request: OpenRequest): void {
    const { id } = request.message;
    this.all.delete(request);
    if (id !== undefined && this.byId.get(id) === request) this.byId.delete(id);
  }

  /** The events of those that hold a slot or wait for one; what streams does neither. */
  get unfinished(): string[] {
    return [...this.all].filter(({ isStreaming }) => !isStreaming).map(({ message }) => message.event);
  }

  cancelAll(): void {
    for (const request of this.all) request.cancel();
  }
}
