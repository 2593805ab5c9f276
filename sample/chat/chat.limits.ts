/** What the server enforces and the page tells its user beforehand. Lengths are in UTF-16 code units. */
export const NAME_LENGTH = 24;
export const TEXT_LENGTH = 2000;

/** Of one image; with what is around it, it has to be less than the 256 KiB of a message. */
export const IMAGE_BYTES = 192 * 1024;

/** Messages given at a time: to who joins a channel, or scrolls back in it. */
export const PAGE_SIZE = 50;

/** Messages that a channel keeps, and images that all channels together do. */
export const KEPT_MESSAGES = 1000;
export const KEPT_IMAGES = 200;

/** The page repeats a typing notice this often while keys are pressed; the others drop it after twice that. */
export const TYPING_REPEAT_MS = 2000;
