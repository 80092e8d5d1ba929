import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';

export type Activity = Exclude<Ephemeral, { kind: 'presence' }>;

/** More at once than anybody looks at. */
const MOST = 64;

/** What a console shows of its agent's doing, so that it can be taken back when the console goes (SYNC-E1). */
export class ShownActivity {
  /** Most consoles of a relay look at nothing: they have no map. */
  #shown: Map<string, Activity> | null = null;

  note(activity: Activity): void {
    const isGoingOn = activity.kind === 'typing' ? activity.isTyping : activity.isViewing;
    if (isGoingOn) {
      this.#shown ??= new Map();
      this.#shown.set(keyOf(activity), activity);
      if (this.#shown.size > MOST) this.#shown.delete(this.#shown.keys().next().value!);
    } else this.#shown?.delete(keyOf(activity));
  }

  shows(activity: Activity): boolean {
    return this.#shown?.has(keyOf(activity)) ?? false;
  }

  /** Forgets everything. @returns what ends each of it */
  takeBack(): Activity[] {
    const shown = [...(this.#shown?.values() ?? [])];
    this.#shown = null;
    return shown.map((one) => (one.kind === 'typing' ? { ...one, isTyping: false } : { ...one, isViewing: false }));
  }
}

function keyOf({ kind, conversationId }: Activity): string {
  return `${kind}/${conversationId}`;
}
