import { AlarmClock, CheckCheck, Forward, UserRoundCheck, UserRoundCog, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../../components/icon-button.tsx';
import { useConsole } from '../../stores/console-context.ts';
import styles from './bulk-bar.module.css';

/** What can be done to everything that is selected; not there while nothing is. */
export function BulkBar() {
  const { t } = useTranslation('inbox');
  const { actions, navigation, selection } = useConsole();
  const ids = useStore(selection, (state) => state.ids);
  if (ids.size === 0) return null;
  const list = [...ids];
  const { openPicker } = navigation.getState();
  const act = (run: (ids: readonly string[]) => Promise<void>) => {
    selection.getState().clear();
    void run(list);
  };
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('bulk.label')}>
      <span className={styles.count} role="status">
        {t('bulk.selected', { count: ids.size })}
      </span>
      <IconButton
        label={t('bulk.assignToMe')}
        shortcut="assign-to-me"
        tooltipSide="top"
        onClick={() => act(actions.assignToMe)}
      >
        <UserRoundCheck size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={t('bulk.assign')}
        shortcut="assign"
        tooltipSide="top"
        onClick={() => openPicker('assign', list)}
      >
        <UserRoundCog size={16} aria-hidden />
      </IconButton>
      <IconButton label={t('bulk.move')} shortcut="move" tooltipSide="top" onClick={() => openPicker('move', list)}>
        <Forward size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={t('bulk.snooze')}
        shortcut="snooze"
        tooltipSide="top"
        onClick={() => openPicker('snooze', list)}
      >
        <AlarmClock size={16} aria-hidden />
      </IconButton>
      <IconButton label={t('bulk.close')} shortcut="close" tooltipSide="top" onClick={() => act(actions.close)}>
        <CheckCheck size={16} aria-hidden />
      </IconButton>
      <IconButton
        label={t('bulk.clear')}
        shortcut="list-clear"
        tooltipSide="top"
        onClick={() => selection.getState().clear()}
      >
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}
