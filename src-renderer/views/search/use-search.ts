import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchHit } from '../../../shared/core-api/views.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';

const LIMIT = 100;
/** Waited after a key before it is searched: shorter than anybody notices, longer than the next key of a fast typist. */
const PAUSE_MS = 90;

const NONE: readonly SearchHit[] = [];

/** Hits for a text, searched while it is typed. The last hits stay until newer ones are there. */
export function useSearch(text: string): {
  hits: readonly SearchHit[];
  isSearching: boolean;
  problem: string | null;
  /** There are more than are shown. */
  isCut: boolean;
} {
  const { core, clock } = useConsole();
  const { i18n } = useTranslation();
  const wanted = text.trim();
  const [result, setResult] = useState<{ text: string; hits: readonly SearchHit[]; error: unknown }>({
    text: '',
    hits: NONE,
    error: null,
  });
  useEffect(() => {
    if (wanted === '') return;
    let isOutdated = false;
    const cancel = clock.after(PAUSE_MS, () => {
      core.request('search.run', { text: wanted, limit: LIMIT }).then(
        ({ hits }) => !isOutdated && setResult({ text: wanted, hits, error: null }),
        (error: unknown) => !isOutdated && setResult({ text: wanted, hits: NONE, error }),
      );
    });
    return () => {
      isOutdated = true;
      cancel();
    };
  }, [core, clock, wanted]);
  const { hits, error } = wanted === '' ? { hits: NONE, error: null } : result;
  return {
    hits,
    isSearching: wanted !== '' && result.text !== wanted,
    problem: error === null ? null : errorText(i18n.t, error),
    isCut: hits.length >= LIMIT,
  };
}
