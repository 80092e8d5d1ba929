import type { GatheredFrame } from './frame-writer.ts';

/**
 * Whether both say the same but for their session: of the very same events and subjects, which is quicker to see than
 * that their texts are equal.
 */
export function isSameFrame(one: GatheredFrame, other: GatheredFrame): boolean {
  return (
    one.from === other.from &&
    one.to === other.to &&
    one.isCatchUp === other.isCatchUp &&
    one.wantsCredit === other.wantsCredit &&
    one.still === other.still &&
    isSameList(one.events, other.events) &&
    isSameList(one.enter, other.enter) &&
    isSameList(one.leave, other.leave)
  );
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one === other || (one.length === other.length && one.every((value, index) => value === other[index]));
}
