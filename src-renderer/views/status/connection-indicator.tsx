import { Clock3 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { joinClasses } from '../../components/join-classes.ts';
import { Popover, PopoverContent, PopoverTrigger } from '../../components/popover.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import { useConsole } from '../../stores/console-context.ts';
import { ConnectionDetails } from './connection-details.tsx';
import styles from './connection-indicator.module.css';
import { useConnectionWords } from './use-connection-words.ts';

/** Always there, always true: how things stand with the relay, and how much waits to be sent. */
export function ConnectionIndicator({ isNarrow }: { isNarrow: boolean }) {
  const { t } = useTranslation('shell');
  const { sync } = useConsole();
  const state = useStore(sync);
  const [isOpen, setOpen] = useState(false);
  const { tone, text, pendingCount, progress } = useConnectionWords();
  const pending = pendingCount > 0 ? t('status.pending', { count: pendingCount }) : null;
  const trigger = (
    <PopoverTrigger asChild>
      <button
        type="button"
        className={joinClasses(styles.indicator, styles[tone], isNarrow && styles.narrow)}
        aria-label={[text, pending].filter(Boolean).join(', ')}
        data-status={state.link === 'up' ? state.status?.state : state.link}
      >
        <span className={styles.dot} />
        {!isNarrow && <span className={styles.text}>{text}</span>}
        {pendingCount > 0 && (
          <span className={styles.pending}>
            <Clock3 size={12} aria-hidden /> {pendingCount}
          </span>
        )}
        {progress !== null && (
          <span className={styles.track} aria-hidden>
            <span style={{ width: `${progress * 100}%` }} />
          </span>
        )}
      </button>
    </PopoverTrigger>
  );
  return (
    <Popover open={isOpen} onOpenChange={setOpen}>
      {isNarrow ? (
        <Tooltip text={[text, pending].filter(Boolean).join(' · ')} side="right">
          {trigger}
        </Tooltip>
      ) : (
        trigger
      )}
      <span className="visually-hidden" role="status">
        {/* Read out when it changes; a share that grows is not. */}
        {progress === null ? text : t('status.catchingUp')}
      </span>
      <PopoverContent side="right" align="end" aria-label={t('status.label')}>
        <ConnectionDetails onClose={() => setOpen(false)} />
      </PopoverContent>
    </Popover>
  );
}
