/** One connection publishes, all receive; the next publication leaves when the last delivery arrived. */
export class FanOutLoad {
  messages = 0;
  #missing = 0;
  #sentAt = 0;
  #stopping = false;
  #drained = () => {};
  #connections = [];
  #script;
  #latencies;

  constructor(script, latencies) {
    this.#script = script;
    this.#latencies = latencies;
  }

  start(connections) {
    this.#connections = connections;
    for (const connection of connections) connection.onMessages = (count) => this.#arrived(count);
    this.#publish();
  }

  stop() {
    this.#stopping = true;
    return new Promise((resolve) => (this.#drained = resolve));
  }

  #publish() {
    const publisher = this.#connections[0];
    this.#missing = this.#connections.length * this.#script.together;
    this.#sentAt = performance.now();
    publisher.write(this.#script.take(publisher, this.#script.together));
  }

  #arrived(count) {
    this.messages += count;
    this.#missing -= count;
    this.#latencies.add(performance.now() - this.#sentAt, count);
    if (this.#missing > 0) return;
    if (this.#missing < 0) throw new Error('more deliveries than subscribers');
    if (this.#stopping) this.#drained();
    else this.#publish();
  }
}
