export type Side = 'top' | 'right' | 'bottom' | 'left';

interface Size {
  width: number;
  height: number;
}

interface Box extends Size {
  left: number;
  top: number;
}

/** Between the two, in pixels. */
const GAP = 6;
/** Nothing comes nearer to the window's edge than this. */
const EDGE = 8;

const OPPOSITE: Record<Side, Side> = { top: 'bottom', right: 'left', bottom: 'top', left: 'right' };

/**
 * Where a box stands beside another one, in the middle of its side: on the opposite side where there is more room for
 * it, and moved along where the window ends.
 * @returns its upper left corner in pixels of the window
 */
export function placeBeside(anchor: Box, box: Size, view: Size, side: Side): { left: number; top: number } {
  const room: Record<Side, number> = {
    top: anchor.top,
    right: view.width - anchor.left - anchor.width,
    bottom: view.height - anchor.top - anchor.height,
    left: anchor.left,
  };
  const isUpright = side === 'top' || side === 'bottom';
  const needed = (isUpright ? box.height : box.width) + GAP + EDGE;
  const other = OPPOSITE[side];
  const taken = room[side] < needed && room[other] > room[side] ? other : side;
  const middle = {
    left: anchor.left + (anchor.width - box.width) / 2,
    top: anchor.top + (anchor.height - box.height) / 2,
  };
  const at: Record<Side, { left: number; top: number }> = {
    top: { left: middle.left, top: anchor.top - GAP - box.height },
    right: { left: anchor.left + anchor.width + GAP, top: middle.top },
    bottom: { left: middle.left, top: anchor.top + anchor.height + GAP },
    left: { left: anchor.left - GAP - box.width, top: middle.top },
  };
  const within = (value: number, length: number, total: number) =>
    Math.round(Math.max(EDGE, Math.min(value, total - length - EDGE)));
  return {
    left: within(at[taken].left, box.width, view.width),
    top: within(at[taken].top, box.height, view.height),
  };
}
