/** What the server enforces and the page tells its user beforehand. In UTF-16 code units. */
export const NAME_LENGTH = 16;

/** People with a ship. Everybody else watches. */
export const MAX_PILOTS = 64;

export const BOT_COUNT = 50;
