import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Clock } from '../../shared/primitives/clock.ts';

export interface Toast {
  id: number;
  tone: 'info' | 'error';
  text: string;
  /** Shown as "Undo" (Ctrl+Z while nothing is being written). */
  undo?: () => void;
  /** A text that is nowhere else any more, offered to be copied; '' is none. */
  rescued?: string;
}

export interface ToastState {
  toasts: Toast[];
  show(toast: Omit<Toast, 'id'>): void;
  dismiss(id: number): void;
}

export type ToastStore = StoreApi<ToastState>;

const SHOWN_MS = { info: 5000, undo: 8000, error: 9000, rescued: 30_000 };
const MAX_SHOWN = 3;

export function createToastStore(clock: Clock): ToastStore {
  let nextId = 1;
  return createStore<ToastState>((set) => ({
    toasts: [],
    show(toast) {
      const id = nextId++;
      set(({ toasts }) => ({ toasts: [...toasts, { ...toast, id }].slice(-MAX_SHOWN) }));
      const kind = toast.rescued ? 'rescued' : toast.tone === 'info' && toast.undo ? 'undo' : toast.tone;
      clock.after(SHOWN_MS[kind], () => set(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) })));
    },
    dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) })),
  }));
}
