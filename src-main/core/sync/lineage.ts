import type { Welcome } from '../../../shared/relay-protocol/from-relay.ts';
import type { SettingStore } from '../outbox/setting-store.ts';

type Lineages = NonNullable<Welcome['lineages']>;

const EPOCH_SETTING = 'core.epoch';
const LINEAGES_SETTING = 'core.lineages';

/**
 * Which history of the relay's log this console knows (SYNC-L3). It lies beside the commands whose results depend on it,
 * and outlives the cache.
 */
export class KnownLineage {
  readonly #settings: SettingStore;

  constructor(settings: SettingStore) {
    this.#settings = settings;
  }

  /** Whether what was acknowledged here is known to be of this history. */
  isOf(epoch: string | null): boolean {
    return epoch !== null && this.#settings.get(EPOCH_SETTING) === epoch;
  }

  /** Seq up to which what was acknowledged is still in the relay's log; null when nothing was lost (SYNC-O6). */
  lostBeyond(welcome: Pick<Welcome, 'epoch' | 'head' | 'lineages'>): number | null {
    const epoch = this.#settings.get(EPOCH_SETTING) as string | null | undefined;
    if (epoch == null || epoch === welcome.epoch) return null;
    // A relay of protocol 1 does not say where its lineage began. If others worked before this console came back, what
    // they wrote hides what is missing.
    if (welcome.lineages === undefined) return welcome.head;
    const known = this.#settings.get(LINEAGES_SETTING) as Lineages | null | undefined;
    return sharedUpTo(known ?? [{ epoch, since: 0 }], welcome.lineages);
  }

  /** To be called last, when what was lost is in the attention list: a process that dies before is to look again. */
  note({ epoch, lineages }: Pick<Welcome, 'epoch' | 'lineages'>): void {
    if (this.#settings.get(EPOCH_SETTING) !== epoch) this.#settings.set(EPOCH_SETTING, epoch);
    const known = JSON.stringify(this.#settings.get(LINEAGES_SETTING) ?? null);
    if (lineages !== undefined && known !== JSON.stringify(lineages)) this.#settings.set(LINEAGES_SETTING, lineages);
  }
}

/**
 * Up to which seq two histories are the same. Both run from the newest lineage that they have in common; each lineage
 * after that began with a backup of the one before it, so that the earliest of those beginnings counts. Histories
 * without a common lineage share nothing.
 */
function sharedUpTo(known: Lineages, present: Lineages): number {
  const inPresent = present.findLastIndex(({ epoch }) => known.some((one) => one.epoch === epoch));
  const inKnown = known.findIndex(({ epoch }) => epoch === present[inPresent]?.epoch);
  if (inPresent === -1) return 0;
  const since = [...present.slice(inPresent + 1), ...known.slice(inKnown + 1)].map((lineage) => lineage.since);
  return Math.min(...since);
}
