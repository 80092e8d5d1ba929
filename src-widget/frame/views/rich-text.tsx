import { findLinks } from '../find-links.ts';

/** What somebody wrote, as text nodes and links only, in its own direction. */
export function RichText({ text }: { text: string }) {
  return (
    <p class="text" dir="auto">
      {findLinks(text).map((run, index) =>
        run.href === null ? (
          run.text
        ) : (
          <a key={index} href={run.href} target="_blank" rel="noopener noreferrer nofollow">
            {run.text}
          </a>
        ),
      )}
    </p>
  );
}
