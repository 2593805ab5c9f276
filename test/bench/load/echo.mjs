/** Closed loop: each connection has so many messages on their way, and each answer brings the next one out. */
export class EchoLoad {
  messages = 0;
  #stopping = false;
  #outstanding = 0;
  #drained = () => {};
  #script;
  #latencies;

  constructor(script, latencies) {
    this.#script = script;
    this.#latencies = latencies;
  }

  start(connections) {
    for (const connection of connections) this.#drive(connection, this.#script.together);
  }

  /** Waits for the answers still on their way: a lost one never lets it end. */
  stop() {
    this.#stopping = true;
    return new Promise((resolve) => (this.#drained = resolve));
  }

  #drive(connection, inFlight) {
    const sentAt = new Float64Array(inFlight);
    let oldest = 0;
    const send = (count, now) => {
      for (let index = 0; index < count; index++) sentAt[(oldest + index) % inFlight] = now;
      oldest = (oldest + count) % inFlight;
      this.#outstanding += count;
      connection.write(this.#script.take(connection, count));
    };
    connection.onMessages = (count) => {
      const now = performance.now();
      this.messages += count;
      this.#outstanding -= count;
      for (let index = 0; index < count; index++) {
        this.#latencies.add(now - sentAt[(oldest + index) % inFlight], 1);
      }
      if (!this.#stopping) send(count, now);
      else if (this.#outstanding === 0) this.#drained();
    };
    send(inFlight, performance.now());
  }
}
