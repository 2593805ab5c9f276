/** The other end of `Worker`: answers its commands, and ends with its parent. */
export function serveParent(commands) {
  process.on('message', async ({ number, command, input }) => {
    try {
      process.send({ number, result: await commands[command](input) });
    } catch (error) {
      process.send({ number, error: String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ number: 0 });
}

/** Milliseconds of the clock that all processes of a machine share, and that never jumps. */
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
