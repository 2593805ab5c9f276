import { type Socket } from 'node:net';

/** What is written to a session is counted at the socket of its latest request: frames, headers and all. */
interface Metered {
  readonly request: { readonly socket: Pick<Socket, 'bytesWritten'> };
}

interface Reading {
  socket: Pick<Socket, 'bytesWritten'>;
  bytes: number;
}

export class TrafficMeter {
  private readonly readings = new Map<Metered, Reading>();

  get clients(): number {
    return this.readings.size;
  }

  add(client: Metered): void {
    const { socket } = client.request;
    this.readings.set(client, { socket, bytes: socket.bytesWritten });
  }

  remove(client: Metered): void {
    this.readings.delete(client);
  }

  /** Since the last time, by client on average. */
  read(): number {
    let sum = 0;
    for (const [client, reading] of this.readings) sum += written(client, reading);
    return sum / Math.max(1, this.clients);
  }
}

/** A client that came back has another socket, which counts from its beginning. */
function written(client: Metered, reading: Reading): number {
  const { socket } = client.request;
  const before = socket === reading.socket ? reading.bytes : 0;
  reading.socket = socket;
  reading.bytes = socket.bytesWritten;
  return reading.bytes - before;
}
