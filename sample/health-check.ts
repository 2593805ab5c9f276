/** What a container runs now and then: ends with 0 when the sample on `PORT` is alive, else with 1. */
const { PORT = '3000' } = process.env;

fetch(`http://127.0.0.1:${PORT}/health/live`).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
