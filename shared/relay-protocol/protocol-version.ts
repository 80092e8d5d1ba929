/**
 * Version of what console and relay say to each other.
 * A change of any message schema fails `protocol-version.test.ts` until this is raised and the change is named here.
 *
 * 1: first version.
 * 2: `welcome` tells the lineages of the log and the lease of the cache; live frames may ask for a credit, and credits
 *    tell how long the console had what they are for; `lookUp` and `lookedUp` (commands of another lineage), `presences`
 *    (many at once), `digests` (of held subjects), `packed` (frames and pages as bytes, zstd or plain); changes may be
 *    essential; frames that move no cursor are counted; `hello` names the newest command that was acknowledged. A console of version 1 gets none of it.
 */
export const PROTOCOL_VERSION = 2;

/** Oldest version that is still spoken. */
export const OLDEST_PROTOCOL_VERSION = 1;
