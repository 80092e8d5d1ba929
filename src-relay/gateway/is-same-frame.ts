import type { Frame } from '../../shared/relay-protocol/frames.ts';

/**
 * Whether both say the same but for their session: of the very same events and subjects, which is quicker to see than
 * that their texts are equal.
 */
export function isSameFrame(one: Frame, other: Frame): boolean {
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
