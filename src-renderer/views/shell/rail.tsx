import { Inbox, type LucideIcon, PanelLeft, Search, Users } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Counter } from '../../components/counter.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import type { ShortcutId } from '../../shortcuts/shortcut-list.ts';
import { useConsole } from '../../stores/console-context.ts';
import { LIST_VIEWS, type ListView } from '../../stores/navigation.ts';
import { type Counts, useCounts, useQueues } from '../../stores/use-conversations.ts';
import { useSettings } from '../../stores/use-settings.ts';
import { AccountMenu } from '../settings/account-menu.tsx';
import { ConnectionIndicator } from '../status/connection-indicator.tsx';
import styles from './rail.module.css';
import { useChooseList } from './use-choose-list.ts';
import { VIEW_ICONS } from './view-icons.ts';

/** Where the agent goes: lists, queues, and at the bottom the truth about the connection. */
export function Rail() {
  const { t } = useTranslation('shell');
  const { navigation, session, settings } = useConsole();
  const workspaceName = useStore(session, (state) => state.workspaceName);
  const { view, queueId, isSearching, setSearching } = useStore(navigation);
  const panes = useSettings((state) => state.panes);
  const isNarrow = panes.isRailNarrow;
  const counts = useCounts();
  const queues = useQueues();
  const attentionCount = useStore(useConsole().sync, (state) => state.status?.attentionCount ?? 0);

  const choose = useChooseList();

  return (
    <nav className={joinClasses(styles.rail, isNarrow && styles.narrow)} aria-label={t('rail.label')} data-pane="rail">
      <div className={styles.head}>
        {!isNarrow && <span className={styles.workspace}>{workspaceName ?? 'Liendesk'}</span>}
        <IconButton
          label={isNarrow ? t('rail.widen') : t('rail.narrow')}
          shortcut="toggle-rail"
          size="small"
          tooltipSide="right"
          onClick={() => settings.getState().set('panes', { ...panes, isRailNarrow: !isNarrow })}
        >
          <PanelLeft size={16} aria-hidden />
        </IconButton>
      </div>
      <div className={styles.scroll}>
        <RailItem
          label={t('rail.search')}
          Icon={Search}
          isNarrow={isNarrow}
          isCurrent={isSearching}
          shortcut="search"
          onClick={() => setSearching(true)}
        />
        <ul className={styles.group}>
          {LIST_VIEWS.map((one) => (
            <li key={one}>
              <RailItem
                label={t(`rail.view.${one}`)}
                Icon={VIEW_ICONS[one]}
                isNarrow={isNarrow}
                isCurrent={!isSearching && view === one && queueId === null}
                {...countOf(one, counts, attentionCount)}
                onClick={() => choose(one)}
              />
            </li>
          ))}
        </ul>
        {!isNarrow && queues.length > 0 && <h2 className={styles.heading}>{t('rail.queues')}</h2>}
        <ul className={styles.group}>
          {queues.map((queue) => (
            <li key={queue.id}>
              <RailItem
                label={queue.name}
                title={t('rail.queueCounts', { open: queue.openCount, unassigned: queue.unassignedCount })}
                Icon={queue.isMember ? Inbox : Users}
                isNarrow={isNarrow}
                isCurrent={!isSearching && queueId === queue.id}
                count={queue.unassignedCount || queue.openCount}
                tone={queue.unassignedCount > 0 && queue.isMember ? 'accent' : 'quiet'}
                onClick={() => choose('open', queue.id)}
              />
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.foot}>
        <ConnectionIndicator isNarrow={isNarrow} />
        <AccountMenu isNarrow={isNarrow} />
      </div>
    </nav>
  );
}

/** What stands beside a list's name. What is done calls for nothing. */
function countOf(
  view: ListView,
  counts: Counts | undefined,
  attentionCount: number,
): Pick<RailItemProps, 'count' | 'tone'> {
  if (view === 'attention') return { count: attentionCount, tone: 'loud' };
  if (counts === undefined || view === 'closed') return {};
  if (view === 'longest') return { count: counts.customerWaiting };
  if (view === 'mine' && counts.mineUnread > 0) return { count: counts.mineUnread, tone: 'accent' };
  return { count: counts[view] };
}

interface RailItemProps {
  label: string;
  title?: string;
  Icon: LucideIcon;
  isNarrow: boolean;
  isCurrent: boolean;
  count?: number | undefined;
  tone?: 'quiet' | 'accent' | 'loud';
  shortcut?: ShortcutId;
  onClick: () => void;
}

function RailItem({
  label,
  title,
  Icon,
  isNarrow,
  isCurrent,
  count,
  tone = 'quiet',
  shortcut,
  onClick,
}: RailItemProps) {
  const button = (
    <button
      type="button"
      className={joinClasses(styles.item, isCurrent && styles.current)}
      aria-current={isCurrent ? 'page' : undefined}
      aria-label={isNarrow ? label : undefined}
      title={isNarrow ? undefined : title}
      onClick={onClick}
    >
      <Icon size={16} aria-hidden />
      {!isNarrow && <span className={styles.label}>{label}</span>}
      {!isNarrow && shortcut !== undefined && (
        <span className={styles.keys}>
          <KeyHint shortcut={shortcut} />
        </span>
      )}
      <Counter count={count} tone={tone} />
    </button>
  );
  if (!isNarrow) return button;
  return (
    <Tooltip text={label} side="right" shortcut={shortcut}>
      {button}
    </Tooltip>
  );
}
