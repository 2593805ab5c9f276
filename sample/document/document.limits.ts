/**
 * What the server enforces and the page tells its user beforehand. The document fits into one message with
 * this, so that whatever a page has written off line does too, or is too much anyway.
 */
export const DOCUMENT_BYTES = 192 * 1024;

/** What a page tells of its user: a name, a colour, and where the cursor is. */
export const CURSOR_BYTES = 1_024;

/** In UTF-16 code units. */
export const NAME_LENGTH = 24;
