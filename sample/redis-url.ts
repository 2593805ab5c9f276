/** With Redis several processes are one server. */
export const REDIS_URL = process.env['REDIS_URL'];
