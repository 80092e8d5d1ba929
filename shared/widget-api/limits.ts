// Numbers both sides need. This file imports nothing, so that the browser bundles can use it without the schemas.

/** Longest text of one customer message, in UTF-16 units after cleaning. */
export const MAX_CUSTOMER_TEXT = 4_000;
/** Largest file a customer may send, in bytes. */
export const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;
export const MAX_UPLOADS_PER_MESSAGE = 10;
/** Entries in one answer of the feed. */
export const FEED_PAGE_LENGTH = 100;
/** Longest `wait` of a long poll, in seconds. */
export const MAX_WAIT_SECONDS = 25;
/** Longest that a customer's profile holds of what a form asks for. */
export const PROFILE_LENGTHS = { name: 120, email: 254, phone: 32 } as const;
