import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Dialog } from '../../components/dialog.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { SHORTCUTS, type Shortcut, type ShortcutId } from '../../shortcuts/shortcut-list.ts';
import { useConsole } from '../../stores/console-context.ts';
import styles from './shortcut-help.module.css';

const GROUPS: Shortcut['group'][] = ['go', 'conversation', 'list', 'tabs'];

/** All shortcuts, read from the one list, so that the help is never out of date. */
export function ShortcutHelp() {
  const { t } = useTranslation('shell');
  const { navigation } = useConsole();
  const isOpen = useStore(navigation, (state) => state.dialog === 'help');
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={() => navigation.getState().openDialog(null)}
      title={t('help.title')}
      description={t('help.hint')}
      size="wide"
      onOpenAutoFocus={(event) => {
        // Nothing in it is to be acted on: the dialog itself takes the focus, so that arrows scroll it.
        event.preventDefault();
        (event.currentTarget as HTMLElement).focus();
      }}
    >
      <div className={styles.groups}>
        {GROUPS.map((group) => (
          <section key={group} className={styles.group}>
            <h3 className={styles.heading}>{t(`help.group.${group}`)}</h3>
            <dl>
              {idsOf(group).map((id) => (
                <div key={id} className={styles.row}>
                  <dt>{t(`help.does.${id}`)}</dt>
                  <dd className={styles.keys}>
                    {id === 'tab-by-number' ? (
                      <KeyHint keys="Ctrl+1…9" />
                    ) : (
                      SHORTCUTS[id].keys.slice(0, 2).map((keys) => <KeyHint key={keys} keys={keys} />)
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function idsOf(group: Shortcut['group']): ShortcutId[] {
  return (Object.keys(SHORTCUTS) as ShortcutId[]).filter((id) => SHORTCUTS[id].group === group);
}
