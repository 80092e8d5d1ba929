import type { Language, Say } from './texts.ts';

const TAGS = { vi: 'vi-VN', en: 'en-GB' } as const;

export function formatTime(at: number, language: Language): string {
  return new Intl.DateTimeFormat(TAGS[language], { hour: '2-digit', minute: '2-digit', hour12: false }).format(at);
}

/** "Today", "Yesterday", or the date; the year only when it is another one. */
export function formatDay(at: number, language: Language, say: Say, now = Date.now()): string {
  const day = new Date(at);
  const today = new Date(now);
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (isSameDay(day, today)) return say('today');
  if (isSameDay(day, yesterday)) return say('yesterday');
  const year = day.getFullYear() === today.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return new Intl.DateTimeFormat(TAGS[language], { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(
    day,
  );
}

export function isSameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}

export function formatSize(bytes: number, language: Language): string {
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'kB'] : [bytes / 1024 / 1024, 'MB'];
  const digits = value < 10 ? 1 : 0;
  return `${new Intl.NumberFormat(TAGS[language], { maximumFractionDigits: digits }).format(value)} ${unit}`;
}
