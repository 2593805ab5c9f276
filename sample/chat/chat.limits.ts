/** What the server enforces and the page tells its user beforehand. Lengths are in UTF-16 code units. */
export const NAME_LENGTH = 24;
export const TEXT_LENGTH = 2000;

/** Messages that someone who joins a channel gets to see. */
export const HISTORY_SIZE = 50;

/** The page repeats a typing notice this often while keys are pressed; the others drop it after twice that. */
export const TYPING_REPEAT_MS = 2000;
