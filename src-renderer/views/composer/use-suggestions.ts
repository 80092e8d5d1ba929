import { type KeyboardEvent, useEffect, useState } from 'react';
import type { CoreInput } from '../../../shared/core-api/requests.ts';
import type { AgentView, CannedReplyView, ConversationView } from '../../../shared/core-api/views.ts';
import { useConsole } from '../../stores/console-context.ts';
import type { DraftKind } from '../../stores/drafts.ts';
import { findTrigger, type Trigger } from './find-trigger.ts';
import { findColleagues } from './mentions.ts';

export type Suggestion =
  | { kind: 'canned'; id: string; cannedReply: CannedReplyView }
  | { kind: 'colleague'; id: string; agent: AgentView };

export interface Suggestions {
  isOpen: boolean;
  sign: Trigger['sign'];
  /** What was typed after the sign. */
  text: string;
  items: readonly Suggestion[];
  active: number;
  /** The text that the active canned reply would put in, filled in for this conversation; null while not known. */
  preview: string | null;
  /** Element id of an option, for `aria-activedescendant`. */
  activeId(listId: string): string | undefined;
  setActive(index: number): void;
  pick(index: number): void;
  close(): void;
  /** @returns whether the key was the list's */
  handleKey(event: KeyboardEvent): boolean;
}

/** The answer to one word. */
interface Found {
  start: number;
  word: string;
  cannedReplies: readonly CannedReplyView[];
}

interface Options {
  conversation: ConversationView;
  mode: DraftKind;
  text: string;
  caret: number;
  agents: readonly AgentView[];
  ownId: string | null;
  /** Replaces a range of the text. */
  onInsert: (start: number, end: number, text: string, cannedReplyId: string | null) => void;
}

/** What fits the word at the caret: canned replies after `/` in a reply, colleagues after `@` in a note. */
export function useSuggestions(options: Options): Suggestions {
  const { conversation, mode, text, caret, agents, ownId, onInsert } = options;
  const { core } = useConsole();
  const sign = mode === 'reply' ? '/' : '@';
  const trigger = findTrigger(text, caret, sign);
  // Where the list was closed by hand; it opens again for another word.
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [chosen, setChosen] = useState<{ word: string | null; index: number }>({ word: null, index: 0 });

  const start = trigger?.start ?? null;
  const word = trigger?.text ?? null;
  if (start === null && closedAt !== null) setClosedAt(null);
  if (start === null && chosen.word !== null) setChosen({ word: null, index: 0 });
  // Of this word: the list of its last letter is shown until that of the next one is there.
  const cannedReplies = found !== null && found.start === start ? found.cannedReplies : null;
  useEffect(() => {
    if (sign !== '/' || word === null || start === null) return;
    let isOutdated = false;
    core
      .request('cannedReply.list', { text: word, language: conversation.language, conversationId: conversation.id })
      .then(
        (answer) => !isOutdated && setFound({ start, word, cannedReplies: answer.cannedReplies }),
        () => !isOutdated && setFound({ start, word, cannedReplies: [] }),
      );
    return () => {
      isOutdated = true;
    };
  }, [core, sign, word, start, conversation.id, conversation.language]);

  const items: Suggestion[] =
    sign === '/'
      ? (cannedReplies ?? []).map((cannedReply) => ({ kind: 'canned', id: cannedReply.id, cannedReply }))
      : word === null
        ? []
        : findColleagues(agents, word, ownId).map((agent) => ({ kind: 'colleague', id: agent.id, agent }));
  const isKnown = sign === '@' || cannedReplies !== null;
  // A slash followed by a word that fits nothing is just a slash, after a moment in which that is said.
  const isOpen =
    trigger !== null && isKnown && closedAt !== trigger.start && (items.length > 0 || (word ?? '').length < 12);

  const active = chosen.word === word ? Math.max(0, Math.min(chosen.index, items.length - 1)) : 0;
  const shown = isOpen ? items[active] : undefined;
  const shownReply = shown?.kind === 'canned' ? shown.cannedReply : null;
  const [preview, setPreview] = useState<{ cannedReply: CannedReplyView; text: string } | null>(null);
  useEffect(() => {
    if (shownReply === null) return;
    let isOutdated = false;
    const show = (text: string) => !isOutdated && setPreview({ cannedReply: shownReply, text });
    core.request('cannedReply.render', renderInput(shownReply, conversation.id)).then(
      ({ text: filled }) => show(filled),
      () => show(shownReply.text),
    );
    return () => {
      isOutdated = true;
    };
  }, [core, shownReply, conversation.id]);

  // Letters come faster than answers: what is listed may belong to fewer of them.
  const isAwaited =
    trigger !== null && sign === '/' && closedAt !== start && (found?.start !== start || found.word !== word);
  const setActive = (index: number) => setChosen({ word: word ?? '', index });

  const insert = (at: Trigger, cannedReply: CannedReplyView) => {
    const end = at.start + 1 + at.text.length;
    core.request('cannedReply.render', renderInput(cannedReply, conversation.id)).then(
      (rendered) => onInsert(at.start, end, rendered.text, cannedReply.id),
      // Without the values the text is still better than nothing; its open places are marked.
      () => onInsert(at.start, end, cannedReply.text, cannedReply.id),
    );
  };

  const pick = (index: number) => {
    const item = items[index];
    if (item === undefined || trigger === null) return;
    if (item.kind === 'canned') return insert(trigger, item.cannedReply);
    onInsert(trigger.start, trigger.start + 1 + trigger.text.length, `@${item.agent.name} `, null);
  };

  /** The best for what was typed, whose list is not here yet. */
  const pickTyped = (at: Trigger) => {
    core
      .request('cannedReply.list', { text: at.text, language: conversation.language, conversationId: conversation.id })
      .then(
        ({ cannedReplies: [best] }) => best !== undefined && insert(at, best),
        () => {},
      );
  };

  const handleKey = (event: KeyboardEvent): boolean => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (isAwaited && isPlain && (event.key === 'Enter' || event.key === 'Tab')) {
      pickTyped(trigger!);
      event.preventDefault();
      event.stopPropagation();
      return true;
    }
    if (!isOpen) return false;
    if (event.key === 'Escape') {
      setClosedAt(trigger!.start);
    } else if (items.length === 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return false;
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + by + items.length) % items.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
      pick(active);
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  return {
    isOpen,
    sign,
    text: word ?? '',
    items,
    active,
    preview: preview !== null && preview.cannedReply === shownReply ? preview.text : null,
    activeId: (listId) => (items.length === 0 ? undefined : `${listId}-${active}`),
    setActive,
    pick,
    close: () => setClosedAt(trigger?.start ?? null),
    handleKey,
  };
}

function renderInput({ id, language }: CannedReplyView, conversationId: string): CoreInput<'cannedReply.render'> {
  return { cannedReplyId: id, conversationId, language };
}
