import { Lock, Paperclip, SendHorizontal } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import { cleanLine } from '../../../shared/primitives/clean-text.ts';
import { cutText } from '../../../shared/primitives/cut-text.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import { useShortcut } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import { type DraftKind, EMPTY_DRAFTS } from '../../stores/drafts.ts';
import { useAgents } from '../../stores/use-conversations.ts';
import { useSettings } from '../../stores/use-settings.ts';
import { AttachmentTray } from './attachment-tray.tsx';
import styles from './composer.module.css';
import { ComposerNotices } from './composer-notices.tsx';
import { HighlightedText } from './highlighted-text.tsx';
import { isBusyElsewhere } from './is-busy-elsewhere.ts';
import { mentionedIds } from './mentions.ts';
import { ModeSwitch } from './mode-switch.tsx';
import { findPlaceholders } from './placeholders.ts';
import { SuggestionList } from './suggestion-list.tsx';
import { textLimit } from './text-limit.ts';
import { useSuggestions } from './use-suggestions.ts';
import { useTypingSignal } from './use-typing-signal.ts';

/** In the placeholder, which is cut off after two lines and has an ellipsis after the name: what follows it is worth reading as well. */
const MOST_OF_NAME = 32;

/**
 * Where an agent writes: a reply to the customer or a private note, each with its own text. What is in the box is in
 * the drafts store with every key and on disk a moment later; it leaves the box only when the core has it in its outbox.
 */
export function Composer({ conversation }: { conversation: ConversationView }) {
  const { t } = useTexts('composer');
  const { drafts, messages, session, sync } = useConsole();
  const { id } = conversation;
  const draft = useStore(drafts, (state) => state.drafts[id] ?? EMPTY_DRAFTS);
  const { mode, isLoaded } = draft;
  const part = draft[mode];
  const sendWith = useSettings((settings) => settings.sendWith);
  const agents = useAgents();
  const ownId = useStore(session, (state) => state.agent?.id ?? null);
  /** The text that somebody tried to send with open places in it; another text is asked about anew. */
  const [unfilledText, setUnfilledText] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const listId = useId();

  const isNote = mode === 'note';
  const limit = textLimit(part.text, isNote ? null : conversation.maxTextLength);
  const isOver = limit.kind === 'over' || limit.kind === 'over-bytes';
  const isUploading = part.uploads.some((upload) => upload.error === null);
  const isEmpty = part.text.trim() === '' && part.attachments.length === 0;
  const mayWrite = isNote || conversation.may.reply;
  const placeholders = isNote ? [] : findPlaceholders(part.text);
  const typing = useTypingSignal(id, isNote);
  const suggestions = useSuggestions({
    conversation,
    mode,
    text: part.text,
    caret: part.caret,
    agents,
    ownId,
    onInsert: (start, end, text, cannedReplyId) => {
      const element = box.current;
      if (element === null) return;
      insertText(element, start, end, text);
      const [hole] = findPlaceholders(text);
      if (hole !== undefined) element.setSelectionRange(start + hole.start, start + hole.end);
      if (cannedReplyId !== null) drafts.edit(id, mode, { cannedReplyId });
      noteCaret();
    },
  });

  const link = useStore(sync, (state) => state.link);
  useEffect(() => {
    if (isLoaded) return;
    drafts.load(id).catch(() => {
      // Where the core cannot be reached now, the link's return tries again, and so does saving what is typed.
    });
  }, [drafts, id, isLoaded, link]);

  // Whoever opens a conversation may type at once, and no key is taken for a shortcut, nor lost between two boxes.
  useLayoutEffect(() => {
    if (!isBusyElsewhere(document.activeElement)) box.current?.focus({ preventScroll: true });
  }, [id]);

  // The caret goes back to where it was; after that the box is the box's own. Before the next key can come, since
  // what was typed until now may stand behind what was written before.
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { caret } = (drafts.getState().drafts[id] ?? EMPTY_DRAFTS)[mode];
    element.setSelectionRange(caret, caret);
  }, [drafts, id, mode, isLoaded]);

  // Saved at once when the agent turns away; the unmount of this view is such a moment too.
  useEffect(() => {
    const leave = () => drafts.leave(id);
    document.addEventListener('visibilitychange', leave);
    window.addEventListener('pagehide', leave);
    return () => {
      document.removeEventListener('visibilitychange', leave);
      window.removeEventListener('pagehide', leave);
      drafts.setComposing(id, false);
      leave();
    };
  }, [drafts, id]);

  const noteCaret = () => {
    const caret = box.current?.selectionStart ?? null;
    if (caret !== null && caret !== part.caret) drafts.edit(id, mode, { caret });
  };

  const setMode = (next: DraftKind) => {
    drafts.flush(id);
    drafts.setMode(id, next);
    // After the box shows the other text.
    requestAnimationFrame(() => box.current?.focus());
  };

  const showHole = () => {
    const [hole] = findPlaceholders(part.text);
    if (hole === undefined || box.current === null) return;
    box.current.focus();
    box.current.setSelectionRange(hole.start, hole.end);
  };

  const send = async (isConfirmed = false) => {
    if (isEmpty || isOver || isUploading || !mayWrite || part.isSending) return;
    if (placeholders.length > 0 && !isConfirmed) {
      setUnfilledText(part.text);
      showHole();
      return;
    }
    typing.stop();
    const isTaken = await drafts.send(id, mode, isNote ? mentionedIds(agents, part.text) : []);
    if (isTaken) void messages.getState().jumpToNewest(id);
    box.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter may only confirm what an input method composed.
    if (isForInputMethod(event.nativeEvent)) return;
    if (suggestions.handleKey(event)) return;
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    const hasControl = event.ctrlKey || event.metaKey;
    if (sendWith === 'enter' || hasControl) {
      event.preventDefault();
      void send();
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    // A table copied from a sheet comes as text and as a picture of it; the text is what is wanted.
    if (event.clipboardData.getData('text/plain') !== '') return;
    event.preventDefault();
    void drafts.addFiles(id, mode, files);
  };

  useShortcut('focus-composer', () => box.current?.focus());
  useShortcut('toggle-note', () => setMode(isNote ? 'reply' : 'note'));
  useShortcut('attach-file', () => picker.current?.click());
  useShortcut('canned-replies', () => {
    const element = box.current;
    if (element === null) return;
    if (isNote) drafts.setMode(id, 'reply');
    requestAnimationFrame(() => {
      element.focus();
      const before = element.value.slice(0, element.selectionStart);
      insertText(element, element.selectionStart, element.selectionEnd, /(^|\s)$/u.test(before) ? '/' : ' /');
    });
  });

  const name = cleanLine(conversation.customer.name);
  const shortName = cutText(name, MOST_OF_NAME).trimEnd();
  const isListOpen = suggestions.isOpen;
  return (
    <section className={joinClasses(styles.composer, isNote && styles.note)} aria-label={t(`label.${mode}`, { name })}>
      {isListOpen && <SuggestionList id={listId} suggestions={suggestions} />}
      <ComposerNotices
        conversation={conversation}
        draft={draft}
        limit={limit}
        unfilled={unfilledText === part.text ? placeholders.map((one) => one.text) : []}
        onFill={showHole}
        onSendAnyway={() => void send(true)}
        onDismiss={() => drafts.dismissError(id, mode)}
      />
      <div className={styles.box} onClick={(event) => event.target === event.currentTarget && box.current?.focus()}>
        <div className={styles.scroller}>
          <div className={styles.sizer}>
            <HighlightedText text={part.text} places={placeholders} />
            <textarea
              ref={box}
              className={styles.input}
              value={part.text}
              rows={1}
              dir="auto"
              aria-label={t(`label.${mode}`, { name })}
              placeholder={t(`placeholder.${mode}`, { name: shortName })}
              readOnly={!mayWrite}
              aria-busy={part.isSending}
              aria-invalid={isOver || undefined}
              {...(isListOpen
                ? {
                    role: 'combobox',
                    'aria-expanded': true,
                    'aria-autocomplete': 'list' as const,
                    'aria-controls': listId,
                    'aria-activedescendant': suggestions.activeId(listId),
                  }
                : {})}
              onChange={(event) => {
                const { value, selectionStart } = event.target;
                drafts.edit(id, mode, { text: value, caret: selectionStart });
                typing.typed(value);
              }}
              onSelect={noteCaret}
              onCompositionStart={() => drafts.setComposing(id, true)}
              onCompositionEnd={() => drafts.setComposing(id, false)}
              onKeyDown={onKeyDown}
              onPaste={onPaste}
              onBlur={() => {
                suggestions.close();
                typing.stop();
                drafts.flush(id);
              }}
            />
          </div>
        </div>
        <AttachmentTray
          conversationId={id}
          attachments={part.attachments}
          uploads={part.uploads}
          onRemove={(fileId) => drafts.removeAttachment(id, mode, fileId)}
          onRemoveUpload={(uploadId) => drafts.removeUpload(id, mode, uploadId)}
        />
        <div className={styles.bar}>
          <ModeSwitch draft={draft} onChange={setMode} />
          <IconButton
            label={t('attach')}
            shortcut="attach-file"
            tooltipSide="top"
            onClick={() => picker.current?.click()}
          >
            <Paperclip size={16} aria-hidden />
          </IconButton>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              void drafts.addFiles(id, mode, [...(event.target.files ?? [])]);
              // The same file picked again is a change again.
              event.target.value = '';
            }}
          />
          <span className={styles.hint}>{t(sendWith === 'enter' ? 'hint.enter' : 'hint.ctrlEnter')}</span>
          {limit.kind === 'near' && <span className={styles.left}>{t('left', { count: limit.left })}</span>}
          <button
            type="button"
            className={styles.send}
            aria-disabled={isEmpty || isOver || isUploading || !mayWrite || part.isSending}
            title={isUploading ? t('stillUploading') : undefined}
            onClick={() => void send()}
          >
            {isNote ? <Lock size={14} aria-hidden /> : <SendHorizontal size={15} aria-hidden />}
            {t(`send.${mode}`)}
          </button>
        </div>
      </div>
    </section>
  );
}

/**
 * Replaces a range as if it had been typed, so that the browser's own undo takes it back. (`execCommand` is the only
 * way to that; where it is missing the range is replaced without.)
 */
function insertText(element: HTMLTextAreaElement, start: number, end: number, text: string): void {
  element.focus();
  element.setSelectionRange(start, end);
  const isDone = typeof document.execCommand === 'function' && document.execCommand('insertText', false, text);
  if (isDone) return;
  element.setRangeText(text, start, end, 'end');
  element.dispatchEvent(new Event('input', { bubbles: true }));
}
