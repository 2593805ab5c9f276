/** What a client connects with, so that the network can be taken from it. */
import { WebSocket } from '../../dist/transport/websocket/index.js';

export class Severable {
  #sockets = new Set();
  #requests = new Set();
  #losesAnswer = false;

  /** A class, as the option `WebSocket` of `connect` wants it. */
  get WebSocket() {
    const sockets = this.#sockets;
    return class extends WebSocket {
      constructor(url, protocols) {
        super(url, protocols);
        sockets.add(this);
        this.on('close', () => sockets.delete(this));
      }
    };
  }

  fetch = async (url, { signal, ...init }) => {
    const request = new AbortController();
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    if (signal?.aborted) request.abort();
    this.#requests.add(request);
    const response = await fetch(url, { ...init, signal: request.signal });
    if (!this.#losesAnswer || init.method === 'DELETE') return response;
    this.#losesAnswer = false;
    await response.body?.cancel();
    throw new TypeError('the answer is lost');
  };

  /** Ends what is under way, without a word to either side. If nothing is, the next answer gets lost. */
  cut() {
    this.#losesAnswer = this.#sockets.size === 0;
    for (const socket of this.#sockets) socket.terminate();
    for (const request of this.#requests) request.abort();
    this.#requests.clear();
  }
}
