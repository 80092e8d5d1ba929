import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/choice.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { useConsole } from '../../stores/console-context.ts';
import { LANGUAGE_NAMES } from './account-menu.tsx';
import styles from './settings-dialog.module.css';

/** What an agent may choose on this device. Every change holds at once. */
export function SettingsDialog() {
  const { t } = useTranslation('shell');
  const { host, navigation, settings } = useConsole();
  const isOpen = useStore(navigation, (state) => state.dialog === 'settings');
  const [permission, setPermission] = useState(() =>
    typeof Notification === 'undefined' ? 'denied' : Notification.permission,
  );
  const { language, theme, sendWith, hasNotifications, set } = useStore(settings);
  const isAsking = hasNotifications && host.isBrowser && permission === 'default';
  const isBlocked = hasNotifications && host.isBrowser && permission === 'denied';
  const notificationsHint = isBlocked
    ? t('settings.permission.denied')
    : t(isAsking ? 'settings.permission.default' : 'settings.notificationsHint');
  return (
    <Dialog isOpen={isOpen} onOpenChange={() => navigation.getState().openDialog(null)} title={t('settings.title')}>
      <Row label={t('settings.language')}>
        <Choice
          label={t('settings.language')}
          value={language}
          options={[
            { value: 'vi', label: LANGUAGE_NAMES.vi, lang: 'vi' },
            { value: 'en', label: LANGUAGE_NAMES.en, lang: 'en' },
          ]}
          onChange={(value) => set('language', value)}
        />
      </Row>
      <Row label={t('settings.theme')}>
        <Choice
          label={t('settings.theme')}
          value={theme}
          options={(['light', 'dark', 'system'] as const).map((value) => ({
            value,
            label: t(`settings.themes.${value}`),
          }))}
          onChange={(value) => set('theme', value)}
        />
      </Row>
      <Row
        label={t('settings.sendWith')}
        hint={t(sendWith === 'enter' ? 'settings.sendWithEnterHint' : 'settings.sendWithCtrlHint')}
      >
        <Choice
          label={t('settings.sendWith')}
          value={sendWith}
          options={[
            { value: 'enter', label: 'Enter' },
            { value: 'ctrl-enter', label: 'Ctrl+Enter' },
          ]}
          onChange={(value) => set('sendWith', value)}
        />
      </Row>
      <Row label={t('settings.notifications')} hint={notificationsHint}>
        {isAsking && (
          // Browsers ask their user only after a click.
          <Button
            size="small"
            variant="primary"
            onClick={() => {
              Notification.requestPermission()
                .then(setPermission)
                .catch(() => setPermission(Notification.permission));
            }}
          >
            {t('settings.permission.allow')}
          </Button>
        )}
        <Choice
          label={t('settings.notifications')}
          value={hasNotifications ? 'on' : 'off'}
          options={[
            { value: 'on', label: t('settings.on') },
            { value: 'off', label: t('settings.off') },
          ]}
          onChange={(value) => set('hasNotifications', value === 'on')}
        />
      </Row>
    </Dialog>
  );
}

function Row({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <p className={styles.label}>{label}</p>
        {hint !== undefined && <p className={styles.hint}>{hint}</p>}
      </div>
      {children}
    </div>
  );
}
