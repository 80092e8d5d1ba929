import {
  cloneElement,
  createContext,
  type FocusEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  use,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { createPortal } from 'react-dom';
import type { ShortcutId } from '../shortcuts/shortcut-list.ts';
import { KeyHint } from './key-hint.tsx';
import { placeBeside, type Side } from './place-beside.ts';
import { TooltipControl, TooltipGroup } from './tooltip-control.ts';
import styles from './tooltip.module.css';

interface TooltipProps {
  text: ReactNode;
  shortcut?: ShortcutId | undefined;
  side?: Side;
  /** A button, a link, or anything else that takes these handlers. */
  children: ReactElement<ChildProps>;
}

interface ChildProps {
  'aria-describedby'?: string | undefined;
  onPointerEnter?: ((event: PointerEvent<never>) => void) | undefined;
  onPointerLeave?: ((event: PointerEvent<never>) => void) | undefined;
  onPointerDown?: ((event: PointerEvent<never>) => void) | undefined;
  onFocus?: ((event: FocusEvent<never>) => void) | undefined;
  onBlur?: ((event: FocusEvent<never>) => void) | undefined;
}

const GroupContext = createContext<TooltipGroup | null>(null);

export function TooltipProvider({ children }: { children: ReactNode }) {
  const [group] = useState(() => new TooltipGroup());
  return <GroupContext value={group}>{children}</GroupContext>;
}

/**
 * Says in words what its child shows as a sign. Until it is open it is some handlers and nothing else: dozens of them
 * are drawn with every conversation.
 */
export function Tooltip({ text, shortcut, side = 'bottom', children }: TooltipProps) {
  const group = use(GroupContext);
  if (group === null) throw new Error('Tooltip outside of TooltipProvider');
  const id = useId();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const [control] = useState(() => new TooltipControl(group, setAnchor));
  useEffect(() => control.end, [control]);

  const own = children.props;
  const child = cloneElement(children, {
    'aria-describedby': anchor === null ? own['aria-describedby'] : id,
    onPointerEnter(event) {
      own.onPointerEnter?.(event);
      if (event.pointerType !== 'touch') control.enter(event.currentTarget);
    },
    onPointerLeave(event) {
      own.onPointerLeave?.(event);
      control.leave();
    },
    onPointerDown(event) {
      own.onPointerDown?.(event);
      control.close();
    },
    onFocus(event) {
      own.onFocus?.(event);
      const element: Element = event.currentTarget;
      // Whoever clicked knows what it was.
      if (element.matches(':focus-visible')) control.open(element);
    },
    onBlur(event) {
      own.onBlur?.(event);
      control.close();
    },
  });
  return (
    <>
      {child}
      {anchor !== null && (
        <Bubble id={id} anchor={anchor} side={side} control={control}>
          {text}
          {shortcut !== undefined && <KeyHint shortcut={shortcut} />}
        </Bubble>
      )}
    </>
  );
}

interface BubbleProps {
  id: string;
  anchor: Element;
  side: Side;
  control: TooltipControl;
  children: ReactNode;
}

function Bubble({ id, anchor, side, control, children }: BubbleProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    const place = () => {
      const view = { width: window.innerWidth, height: window.innerHeight };
      const { left, top } = placeBeside(anchor.getBoundingClientRect(), element.getBoundingClientRect(), view, side);
      element.style.left = `${left}px`;
      element.style.top = `${top}px`;
    };
    place();
    const dialog = anchor.closest('[role="dialog"]');
    if (dialog === null) return;
    // A dialog in the middle moves what stands in it when its content comes.
    const resizes = new ResizeObserver(place);
    resizes.observe(dialog);
    return () => resizes.disconnect();
  }, [anchor, side, children]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && control.close();
    // What it stands beside moves away from under it.
    const onScroll = (event: Event) => event.target instanceof Node && event.target.contains(anchor) && control.close();
    // Before anybody who keeps the key to himself.
    window.addEventListener('keydown', onKey, true);
    window.addEventListener('scroll', onScroll, { capture: true, passive: true });
    window.addEventListener('resize', control.close);
    return () => {
      window.removeEventListener('keydown', onKey, true);
      window.removeEventListener('scroll', onScroll, true);
      window.removeEventListener('resize', control.close);
    };
  }, [anchor, control]);
  return createPortal(
    <div
      ref={box}
      id={id}
      role="tooltip"
      className={styles.tooltip}
      onPointerEnter={control.stay}
      onPointerLeave={control.leave}
    >
      {children}
    </div>,
    document.body,
  );
}
