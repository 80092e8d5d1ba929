import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useConsole } from '../../stores/console-context.ts';
import type { MessageWindow } from '../../stores/message-window.ts';
import type { ScrollPlace } from '../../stores/tabs.ts';
import type { ListSize } from '../../stores/list-measures.ts';
import type { ConversationRow } from './conversation-rows.ts';
import { findFirstPlace, offsetOf } from './first-place.ts';
import { estimateRowHeight } from './row-height.ts';

/** Nearer to the end than this, the list follows new messages. */
const END_PX = 80;
/** Room above the first message for `Beginning`; the same in message-list.module.css. */
export const TOP_PX = 52;
const BOTTOM_PX = 12;
/** Pages are asked for this many lines before they are needed. */
const AHEAD = 20;
const SAVE_PLACE_MS = 150;
/** Lines drawn beyond the view, and in the first frame, which is to come soon. */
const OVERSCAN = 8;
const FIRST_OVERSCAN = 1;
const FLASH_MS = 2200;

interface MessageScroll {
  scroller: RefObject<HTMLDivElement | null>;
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  isAtEnd: boolean;
  /** Customer's messages that came while the end was out of sight. */
  newCount: number;
  /** Day of the line at the top of the view. */
  topDay: number | null;
  /** A line that somebody came here for. */
  flashedId: string | null;
}

/**
 * Where the list is: it begins at the newest message, at the first new one or where the tab was left; it stays on what
 * is read while older pages come in above, and follows new messages only from the end.
 * @param seenBefore position up to which everything had been seen when the conversation was opened
 */
export function useMessageScroll(
  conversationId: string,
  rows: readonly ConversationRow[],
  window: MessageWindow,
  seenBefore: number,
): MessageScroll {
  const { messages, tabs, clock } = useConsole();
  const scroller = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ id: string; top: number } | null>(null);
  const place = useRef<ScrollPlace | null>(null);
  const isEndHeld = useRef(true);
  const latestRows = useRef(rows);
  latestRows.current = rows;
  const [isPlaced, setPlaced] = useState(false);
  const [isAtEnd, setAtEnd] = useState(true);
  const [topDay, setTopDay] = useState<number | null>(null);
  const [flashedId, setFlashedId] = useState<string | null>(null);
  const [seenPosition, setSeenPosition] = useState(seenBefore);

  // Guesses stay what they are while the list is there: if they changed, lines would move without being measured.
  const [{ size, known }] = useState(() => ({
    size: messages.measures.size,
    known: messages.measures.heightsOf(conversationId),
  }));
  const findPlace = () => {
    const saved = tabs.getState().tabs.find((tab) => tab.conversationId === conversationId)?.scroll ?? null;
    return findFirstPlace(rows, window.target, saved);
  };
  const guessHeight = (row: ConversationRow) => known?.get(row.message.id) ?? estimateRowHeight(row, size.width);
  const hadNewer = useRef(window.hasNewer);
  useLayoutEffect(() => {
    hadNewer.current = window.hasNewer;
  }, [window.hasNewer]);
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => guessHeight(rows[index]!),
    getItemKey: useCallback((index: number) => rows[index]!.message.id, [rows]),
    // It begins where it will stand, in the size of the list before it: the first frame has what is seen and no more.
    initialRect: size,
    initialOffset: () => offsetOf(findPlace(), rows, guessHeight, size.height, TOP_PX),
    observeElementRect: observeRect,
    measureElement: measureWhenTold,
    overscan: isPlaced ? OVERSCAN : FIRST_OVERSCAN,
    paddingStart: TOP_PX,
    paddingEnd: BOTTOM_PX,
    scrollPaddingStart: TOP_PX,
    anchorTo: 'end',
    // A page that was read on is not news: at its end the view stays, else it would run to the newest message.
    followOnAppend: !hadNewer.current && !window.hasNewer,
    scrollEndThreshold: END_PX,
  });

  /** Looks where the view is now; after every scroll and every change of what is drawn. */
  const look = useCallback(() => {
    const element = scroller.current;
    if (element === null || latestRows.current.length === 0) return;
    const isEnd = element.scrollHeight - element.clientHeight - element.scrollTop <= END_PX;
    isEndHeld.current = isEnd;
    setAtEnd(isEnd);
    if (isEnd) setSeenPosition(latestRows.current.findLast((row) => !row.message.isPending)?.message.position ?? 0);
    anchor.current = findAnchor(element);
    const first = virtualizer.getVirtualItemForOffset(element.scrollTop + TOP_PX);
    const message = first === undefined ? undefined : latestRows.current[first.index]?.message;
    if (first === undefined || message === undefined) return;
    // At the end it is not shown, and would only be drawn again.
    if (!isEnd) setTopDay(message.at);
    place.current = isEnd
      ? null
      : { messageId: message.id, position: message.position, offset: Math.round(element.scrollTop - first.start) };
  }, [virtualizer]);

  // The first look: a search hit has its own effect below.
  useLayoutEffect(() => {
    const place = findPlace();
    const start = place.kind === 'left' ? virtualizer.getOffsetForIndex(place.index, 'start') : undefined;
    if (place.kind === 'left' && start !== undefined) virtualizer.scrollToOffset(start[0] + TOP_PX + place.offset);
    else if (place.kind === 'new') virtualizer.scrollToIndex(place.index, { align: 'start' });
    else if (place.kind !== 'target') virtualizer.scrollToEnd();
    // Until the first place is reached the list seems to stand at its top, and would ask for one older page after the
    // other.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setPlaced(true));
    });
    return () => cancelAnimationFrame(frame);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when the list is there; a move later would be a jump
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let cancelSave: (() => void) | null = null;
    const save = () => {
      cancelSave = null;
      tabs.getState().setScroll(conversationId, place.current);
    };
    const onScroll = () => {
      look();
      cancelSave ??= clock.after(SAVE_PLACE_MS, save);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    // The box below grows with its text: the newest message must not go under it.
    const resizes = new ResizeObserver(() => {
      if (isEndHeld.current) element.scrollTop = element.scrollHeight;
    });
    resizes.observe(element);
    return () => {
      resizes.disconnect();
      element.removeEventListener('scroll', onScroll);
      cancelSave?.();
      save();
      // What the virtualizer knows: the element has no size any more.
      const { scrollRect, itemSizeCache } = virtualizer;
      if (scrollRect !== null) {
        messages.measures.keep(conversationId, scrollRect, itemSizeCache as ReadonlyMap<string, number>);
      }
    };
  }, [messages, tabs, clock, conversationId, look, virtualizer]);

  // What is read must not move when a page comes in above it: the virtualizer knows heights only by estimate, and the
  // line at the seam may lose its name or gain a day, so the place on the screen is compared and put right.
  const firstId = rows[0]?.message.id;
  const previousFirstId = useRef(firstId);
  useLayoutEffect(() => {
    const isPrepended = previousFirstId.current !== firstId;
    previousFirstId.current = firstId;
    const element = scroller.current;
    const before = anchor.current;
    if (element === null) return;
    if (!isPrepended || before === null) {
      look();
      return;
    }
    const putRight = () => {
      const top = topOf(element, before.id);
      if (top !== null && Math.abs(top - before.top) > 0.5) element.scrollTop += top - before.top;
    };
    putRight();
    const frame = requestAnimationFrame(() => {
      putRight();
      look();
    });
    return () => cancelAnimationFrame(frame);
  }, [rows, firstId, look]);

  const { target } = window;
  useEffect(() => {
    if (target === null) return;
    const index = rows.findIndex((row) => row.message.id === target.messageId);
    messages.getState().reachedTarget(conversationId);
    if (index === -1) {
      virtualizer.scrollToEnd();
      return;
    }
    virtualizer.scrollToIndex(index, { align: 'center' });
    setFlashedId(target.messageId);
  }, [target, rows, messages, conversationId, virtualizer]);

  useEffect(() => {
    if (flashedId === null) return;
    return clock.after(FLASH_MS, () => setFlashedId(null));
  }, [flashedId, clock]);

  const { endRequests } = window;
  const servedRequests = useRef(endRequests);
  useEffect(() => {
    if (servedRequests.current === endRequests) return;
    servedRequests.current = endRequests;
    virtualizer.scrollToEnd();
  }, [endRequests, virtualizer]);

  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { hasOlder, isOlderMissing, isLoadingOlder, hasNewer, isLoadingNewer } = window;
  useEffect(() => {
    if (!isPlaced || rows.length === 0) return;
    if (first < AHEAD && hasOlder && !isOlderMissing && !isLoadingOlder) {
      void messages.getState().loadOlder(conversationId);
    }
    if (last > rows.length - AHEAD && hasNewer && !isLoadingNewer) void messages.getState().loadNewer(conversationId);
  }, [
    messages,
    conversationId,
    isPlaced,
    first,
    last,
    rows.length,
    hasOlder,
    isOlderMissing,
    isLoadingOlder,
    hasNewer,
    isLoadingNewer,
  ]);

  // What scrolled into view may have been read before its last change (a receipt of an old message).
  useEffect(() => {
    const firstRow = latestRows.current[first];
    const lastRow = latestRows.current[last];
    if (firstRow === undefined || lastRow === undefined) return;
    return clock.after(SAVE_PLACE_MS, () => {
      void messages.getState().showed(conversationId, firstRow.message, lastRow.message);
    });
  }, [messages, conversationId, clock, first, last, rows]);

  const newCount = useMemo(() => (isAtEnd ? 0 : countAfter(rows, seenPosition)), [isAtEnd, rows, seenPosition]);
  return { scroller, virtualizer, isAtEnd, newCount, topDay, flashedId };
}

/**
 * Tells the virtualizer the size of the view: once at the beginning unless one was given, and whenever it changes. To
 * ask for it in the middle of drawing would cost a layout of the whole window.
 */
function observeRect(
  { scrollElement: element, options }: Virtualizer<HTMLDivElement, Element>,
  onRect: (rect: ListSize) => void,
): (() => void) | undefined {
  if (element === null) return undefined;
  const tell = () => onRect({ width: element.clientWidth, height: element.clientHeight });
  if (options.initialRect.height === 0) tell();
  const resizes = new ResizeObserver(tell);
  resizes.observe(element);
  return () => resizes.disconnect();
}

/**
 * Height of a line. A line that was just drawn has the height that was guessed for it until the browser tells of it,
 * which it does in the same frame, of all lines at once.
 */
function measureWhenTold(
  element: Element,
  entry: ResizeObserverEntry | undefined,
  { options, itemSizeCache, indexFromElement }: Virtualizer<HTMLDivElement, Element>,
): number {
  const box = entry?.borderBoxSize[0];
  if (box !== undefined) return Math.round(box.blockSize);
  const index = indexFromElement(element);
  return itemSizeCache.get(options.getItemKey(index)) ?? options.estimateSize(index);
}

/** The first line whose bubble is in view, and how far below the upper edge it begins. */
function findAnchor(scroller: HTMLElement): { id: string; top: number } | null {
  const edge = scroller.getBoundingClientRect().top;
  let found: { id: string; top: number } | null = null;
  for (const element of scroller.querySelectorAll<HTMLElement>('[data-anchor]')) {
    const { top, bottom } = element.getBoundingClientRect();
    if (bottom > edge && (found === null || top - edge < found.top)) {
      found = { id: element.dataset['anchor']!, top: top - edge };
    }
  }
  return found;
}

function topOf(scroller: HTMLElement, id: string): number | null {
  const element = scroller.querySelector(`[data-anchor="${CSS.escape(id)}"]`);
  return element === null ? null : element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
}

function countAfter(rows: readonly ConversationRow[], position: number): number {
  let count = 0;
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const { message } = rows[index]!;
    if (message.isPending) continue;
    if (message.position <= position) break;
    if (message.author.kind === 'customer') count += 1;
  }
  return count;
}
