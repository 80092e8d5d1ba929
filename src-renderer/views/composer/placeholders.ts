/** A place that a canned reply left open: `[order.number]`. */
export interface Placeholder {
  start: number;
  end: number;
  /** With its brackets. */
  text: string;
}

// The names that canned replies know, so that `[example.com]` in a text is none.
const PLACEHOLDER = /\[(?:customer|agent|order|workspace|conversation)\.[a-zA-Z.]{1,40}\]/gu;

/** What has to be filled in before the text goes out. */
export function findPlaceholders(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    text: match[0],
  }));
}
