/** Before the clock starts: every answer is read and compared, and none may come unasked. */
import { setTimeout as sleep } from 'node:timers/promises';

const CHECKED_CONNECTIONS = 4;
const SETTLE_MS = 50;

function same(got, wanted, what) {
  if (got === wanted) return;
  const lengths = `${got.length} characters for ${wanted.length}`;
  throw new Error(`${what}: wrong answer, ${lengths}, begins ${got.slice(0, 60)}`);
}

function readerOf(connection, dialect, row) {
  return async () => {
    const { payload, compressed } = await connection.next();
    if (row.deflate && !compressed) throw new Error('an answer came uncompressed');
    return dialect.decode(payload);
  };
}

async function echoes(connection, dialect, row, script) {
  const read = readerOf(connection, dialect, row);
  const writes = row.deflate ? script.frames.length : 1;
  for (let write = 0; write < writes; write++) {
    connection.write(script.take(connection, script.together));
    for (let index = 0; index < script.together; index++) {
      same(await read(), script.textAt(write + index), row.title);
    }
  }
}

async function deliveries(connections, dialect, row, script) {
  const readers = connections.map((connection) => readerOf(connection, dialect, row));
  for (let write = 0; write < 3; write++) {
    const first = row.deflate ? write : 0;
    connections[0].write(script.take(connections[0], script.together));
    for (const read of readers) {
      for (let index = 0; index < script.together; index++) {
        same(await read(), script.textAt(first + index), row.title);
      }
    }
  }
}

export async function checkAnswers(connections, dialect, row, script) {
  const checked = row.kind === 'fan-out' ? connections : connections.slice(0, CHECKED_CONNECTIONS);
  for (const connection of checked) connection.keep();
  if (row.kind === 'fan-out') await deliveries(connections, dialect, row, script);
  else for (const connection of checked) await echoes(connection, dialect, row, script);
  await sleep(SETTLE_MS);
  for (const connection of checked) connection.count();
}
