import { ChevronDown, Pencil, X } from 'lucide-react';
import { type KeyboardEvent, memo, type WheelEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { Avatar } from '../../components/avatar.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { shortNamesOf } from '../../components/short-name.ts';
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../../components/menu.tsx';
import { useConsole } from '../../stores/console-context.ts';
import { useIsOnline } from '../../stores/use-is-online.ts';
import { ABSENCE_ICONS } from '../conversation/absence-icons.ts';
import { kindOfAbsence } from '../conversation/kind-of-absence.ts';
import { useConversation, useCustomerNames } from '../../stores/use-conversations.ts';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import { useShortcuts } from '../../shortcuts/use-shortcut.ts';
import { useTabKeys } from './use-tab-keys.ts';
import styles from './tab-strip.module.css';

export const tabElementId = (conversationId: string) => `tab-${conversationId}`;
export const tabPanelId = 'tab-panel';

/** The open conversations. One tab stop; arrows move among the tabs, Delete closes, dragging reorders. */
export function TabStrip() {
  const { t } = useTranslation('shell');
  const { tabs } = useConsole();
  // Not where each of them is scrolled to, which changes all the time.
  const open = useStore(
    tabs,
    useShallow((state) => state.tabs.map((tab) => tab.conversationId)),
  );
  const shortNames = shortNamesOf(useCustomerNames(open).map((name) => name ?? ''));
  const activeId = useStore(tabs, (state) => state.activeId);
  const strip = useRef<HTMLDivElement>(null);
  const shortcuts = useShortcuts();
  const hasChosen = useRef(false);
  const [dragged, setDragged] = useState<string | null>(null);
  useTabKeys();

  useEffect(() => {
    if (activeId !== null) document.getElementById(tabElementId(activeId))?.scrollIntoView({ inline: 'nearest' });
  }, [activeId]);

  const press = useCallback(
    (event: KeyboardEvent, conversationId: string) => {
      const isMoving = event.ctrlKey && event.shiftKey;
      if (isForInputMethod(event.nativeEvent) || event.altKey || event.metaKey || (event.ctrlKey && !isMoving)) return;
      const { tabs: all, activate, close, move } = tabs.getState();
      const index = all.findIndex((tab) => tab.conversationId === conversationId);
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        const target = all[(to + all.length) % all.length]!;
        if (isMoving) return move(conversationId, Math.min(to, all.length - 1));
        activate(target.conversationId);
        document.getElementById(tabElementId(target.conversationId))?.focus();
      } else if (event.key === 'Delete') {
        event.preventDefault();
        close(conversationId);
        const next = tabs.getState().activeId;
        if (next !== null) requestAnimationFrame(() => document.getElementById(tabElementId(next))?.focus());
      }
    },
    [tabs],
  );
  const dragOver = useCallback(
    (conversationId: string) => {
      if (dragged === null || dragged === conversationId) return;
      const { tabs: all, move } = tabs.getState();
      move(
        dragged,
        all.findIndex((tab) => tab.conversationId === conversationId),
      );
    },
    [tabs, dragged],
  );

  return (
    <div className={styles.bar}>
      <div
        ref={strip}
        className={styles.strip}
        role="tablist"
        aria-label={t('tabs.label')}
        data-pane="tabs"
        onWheel={scrollSideways}
      >
        {open.map((conversationId, index) => (
          <TabButton
            key={conversationId}
            conversationId={conversationId}
            shortName={shortNames[index] ?? ''}
            isActive={conversationId === activeId}
            isDragged={conversationId === dragged}
            onPress={press}
            onDrag={setDragged}
            onDragOver={dragOver}
          />
        ))}
      </div>
      {open.length > 0 && (
        <Menu>
          <MenuTrigger asChild>
            <IconButton label={t('tabs.all', { count: open.length })} className={styles.more}>
              <ChevronDown size={16} aria-hidden />
            </IconButton>
          </MenuTrigger>
          <MenuContent
            align="end"
            onClick={() => {
              hasChosen.current = true;
            }}
            onCloseAutoFocus={(event) => {
              // Whoever chose something goes on in the reply, as after a click on a tab; a letter on the button that
              // opened the menu would be a shortcut.
              if (hasChosen.current) {
                event.preventDefault();
                shortcuts.run('focus-composer');
              }
              hasChosen.current = false;
            }}
          >
            {open.map((conversationId) => (
              <TabMenuItem key={conversationId} conversationId={conversationId} />
            ))}
            <MenuSeparator />
            <MenuItem shortcut="close-tab" onSelect={() => activeId !== null && tabs.getState().close(activeId)}>
              {t('tabs.close')}
            </MenuItem>
            <MenuItem onSelect={() => activeId !== null && tabs.getState().closeOthers(activeId)}>
              {t('tabs.closeOthers')}
            </MenuItem>
            <MenuItem shortcut="reopen-tab" onSelect={() => tabs.getState().reopen()}>
              {t('tabs.reopen')}
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
    </div>
  );
}

/** A wheel that only turns one way reaches the tabs beyond the edge as well. */
function scrollSideways(event: WheelEvent<HTMLElement>): void {
  if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY;
}

interface TabButtonProps {
  conversationId: string;
  /** By which the customer is known among the open ones. */
  shortName: string;
  isActive: boolean;
  isDragged: boolean;
  onPress: (event: KeyboardEvent, conversationId: string) => void;
  /** What is being dragged; null when it is let go. */
  onDrag: (conversationId: string | null) => void;
  onDragOver: (conversationId: string) => void;
}

/** Drawn again for itself alone: there may be thirty of them. */
const TabButton = memo(function TabButton(props: TabButtonProps) {
  const { conversationId, shortName, isActive, isDragged, onPress, onDrag, onDragOver } = props;
  const { t } = useTranslation('shell');
  const { tabs } = useConsole();
  const shortcuts = useShortcuts();
  const { data, name, AbsenceIcon } = useTabName(conversationId);
  const hasNews = data?.isUnread === true && !isActive;
  const close = () => tabs.getState().close(conversationId);
  return (
    <div
      className={joinClasses(styles.tab, isActive && styles.active, isDragged && styles.dragged)}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move';
        onDrag(conversationId);
      }}
      onDragOver={(event) => {
        event.preventDefault();
        onDragOver(conversationId);
      }}
      onDragEnd={() => onDrag(null)}
      onAuxClick={(event) => event.button === 1 && close()}
    >
      <button
        type="button"
        role="tab"
        id={tabElementId(conversationId)}
        aria-selected={isActive}
        aria-controls={tabPanelId}
        tabIndex={isActive ? 0 : -1}
        className={styles.button}
        title={name}
        onClick={(event) => {
          // Chosen, not walked over: the conversation takes the focus from here.
          event.currentTarget.blur();
          tabs.getState().activate(conversationId);
          if (isActive) shortcuts.run('focus-composer');
        }}
        onKeyDown={(event) => onPress(event, conversationId)}
      >
        {hasNews ? (
          <span className={styles.news} />
        ) : AbsenceIcon !== null ? (
          <AbsenceIcon size={15} className={styles.absent} aria-hidden />
        ) : (
          <Avatar id={data?.customer.id ?? conversationId} name={name} size={18} />
        )}
        <span className={styles.name}>{name}</span>
        <span className={styles.shortName} aria-hidden>
          {data === undefined ? name : shortName}
        </span>
        {data?.hasDraft === true && <Pencil size={11} className={styles.draft} aria-hidden />}
        <span className="visually-hidden">
          {[hasNews && t('tabs.news'), data?.hasDraft === true && t('tabs.draft')].filter(Boolean).join(', ')}
        </span>
      </button>
      <button
        type="button"
        tabIndex={-1}
        className={styles.close}
        aria-label={t('tabs.closeOne', { name })}
        onClick={close}
      >
        <X size={13} aria-hidden />
      </button>
    </div>
  );
});

function TabMenuItem({ conversationId }: { conversationId: string }) {
  const { t } = useTranslation('shell');
  const { tabs } = useConsole();
  const { data, name, AbsenceIcon } = useTabName(conversationId);
  return (
    <MenuItem
      icon={
        data?.isUnread === true ? (
          <span className={styles.news} />
        ) : AbsenceIcon !== null ? (
          <AbsenceIcon size={15} className={styles.absent} aria-hidden />
        ) : (
          <Avatar id={conversationId} name={name} size={18} />
        )
      }
      onSelect={() => tabs.getState().activate(conversationId)}
    >
      {name}
      {data?.isUnread === true && <span className="visually-hidden">{`, ${t('tabs.news')}`}</span>}
    </MenuItem>
  );
}

/** By whose name a tab goes; where there is none to show, why. */
function useTabName(conversationId: string) {
  const { t } = useTranslation('shell');
  const isOnline = useIsOnline();
  const { data, error } = useConversation(conversationId);
  if (data !== undefined || error === null) return { data, name: data?.customer.name ?? '…', AbsenceIcon: null };
  const absence = kindOfAbsence(error, isOnline);
  return { data, name: t(`tabs.absent.${absence}`), AbsenceIcon: ABSENCE_ICONS[absence] };
}
