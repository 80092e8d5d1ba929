/**
 * Version of what console and relay say to each other.
 * A change of any message schema fails `protocol-version.test.ts` until this is raised and the change is named here.
 *
 * 1: first version.
 */
export const PROTOCOL_VERSION = 1;

/** Oldest version that is still spoken. */
export const OLDEST_PROTOCOL_VERSION = 1;
