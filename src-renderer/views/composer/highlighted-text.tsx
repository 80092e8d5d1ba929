import type { ReactNode } from 'react';
import styles from './composer.module.css';
import type { Placeholder } from './placeholders.ts';

/**
 * The text again, behind the box: it makes the box as high as its text, and marks what has to be filled in. Nobody
 * reads it but the eye.
 */
export function HighlightedText({ text, places }: { text: string; places: readonly Placeholder[] }) {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const place of places) {
    parts.push(text.slice(end, place.start), <mark key={place.start}>{place.text}</mark>);
    end = place.end;
  }
  // A last line that is empty has no height of its own.
  parts.push(text.slice(end), '\u200b');
  return (
    <div className={styles.behind} aria-hidden dir="auto">
      {parts}
    </div>
  );
}
