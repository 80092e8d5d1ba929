import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchHit } from '../../../shared/core-api/views.ts';
import { toErrorBody } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { CoreClient } from '../../core-client/core-client.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { type ShownHits, layOver } from './lay-over.ts';

const LIMIT = 100;
/** Asked for when it is searched again: so many new ones may come before what is read is pushed out. */
const LIMIT_AGAIN = 200;
/** Waited after a key before it is searched: shorter than anybody notices, longer than the next key of a fast typist. */
const PAUSE_MS = 90;
/** Between two searches for the same text while a catch-up pours in; longer where a search takes long. */
const REST_MS = 300;
const REST_PER_SEARCH = 4;

interface Result extends ShownHits {
  /** What it is the answer for. */
  text: string;
  error: unknown;
}

const NOTHING: Result = { text: '', hits: [], newer: null, error: null };

/**
 * Hits for a text, searched while it is typed; the last hits stay until those of the new text are there. They are kept
 * true: what was erased or withdrawn goes at once, and what comes is announced, so that nothing moves that is read.
 */
export function useSearch(text: string): {
  hits: readonly SearchHit[];
  /** The text they were found for. */
  foundFor: string;
  isSearching: boolean;
  problem: string | null;
  /** There are more than are shown. */
  isCut: boolean;
  /** Found since, and not shown yet. */
  newerCount: number;
  showNewer: () => void;
} {
  const { core, clock } = useConsole();
  const { i18n } = useTranslation();
  const wanted = text.trim();
  const [result, setResult] = useState(NOTHING);
  useEffect(() => {
    // Not even what is not shown is kept.
    if (wanted === '') setResult(NOTHING);
    else return followSearch(core, clock, wanted, setResult);
  }, [core, clock, wanted]);
  const { hits, newer, error } = wanted === '' ? NOTHING : result;
  return {
    hits,
    foundFor: result.text,
    isSearching: wanted !== '' && result.text !== wanted,
    problem: error === null ? null : errorText(i18n.t, error),
    isCut: hits.length >= LIMIT,
    newerCount: newer?.count ?? 0,
    showNewer: () => setResult((now) => (now.newer === null ? now : { ...now, hits: now.newer.hits, newer: null })),
  };
}

/** Searches after a pause, and again when something changed that may be found. @returns its own undo */
function followSearch(
  core: CoreClient,
  clock: Clock,
  text: string,
  show: (next: (before: Result) => Result) => void,
): () => void {
  let isOver = false;
  let isStale = false;
  let isIdle = false;
  let hasAnswer = false;
  let cancel: () => void;

  const search = async () => {
    isStale = false;
    isIdle = false;
    const startedAt = clock.monotonic();
    try {
      const { hits } = await core.request('search.run', { text, limit: hasAnswer ? LIMIT_AGAIN : LIMIT });
      if (isOver) return;
      hasAnswer = true;
      show((before) =>
        before.text === text && before.error === null
          ? { ...before, ...layOver(before.hits, hits, LIMIT) }
          : { text, hits: hits.slice(0, LIMIT), newer: null, error: null },
      );
    } catch (error) {
      if (isOver) return;
      // Without a core nothing changes either; what it cannot answer for otherwise is not shown any longer.
      const isAway = toErrorBody(error, 'console').kind === 'offline';
      show((before) => (isAway && before.text === text ? before : { ...NOTHING, text, error }));
    }
    cancel = clock.after(Math.max(REST_MS, (clock.monotonic() - startedAt) * REST_PER_SEARCH), () => {
      isIdle = true;
      if (isStale) void search();
    });
  };
  const changed = () => {
    isStale = true;
    if (isIdle) void search();
  };

  cancel = clock.after(PAUSE_MS, () => void search());
  const stops = [
    core.onPush('changed', ({ subjects }) => {
      if (subjects.some(isOfHits)) changed();
    }),
    core.onLink((link) => {
      if (link === 'up') changed();
    }),
  ];
  return () => {
    isOver = true;
    cancel();
    stops.forEach((stop) => stop());
  };
}

/** `*` stands for everything. */
function isOfHits(subject: string): boolean {
  return subject === '*' || subject.startsWith('conversation:') || subject.startsWith('customer:');
}
