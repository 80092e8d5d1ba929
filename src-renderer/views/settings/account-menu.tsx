import { Keyboard, Languages, LogOut, Palette, PlugZap, Settings2, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Avatar } from '../../components/avatar.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
  MenuTrigger,
} from '../../components/menu.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import type { Language, Theme } from '../../stores/settings.ts';
import { useAvailability } from '../../stores/use-conversations.ts';
import { useSettings } from '../../stores/use-settings.ts';
import styles from './account-menu.module.css';

const THEMES: Theme[] = ['light', 'dark', 'system'];
/** In their own words, so that whoever cannot read the present one finds the way back. */
export const LANGUAGE_NAMES: Record<Language, string> = { vi: 'Tiếng Việt', en: 'English' };

/** The agent: availability, language, theme, connection, signing out. */
export function AccountMenu({ isNarrow }: { isNarrow: boolean }) {
  const { t } = useTranslation('shell');
  const { core, session, settings, sync, toasts, navigation } = useConsole();
  const agent = useStore(session, (state) => state.agent);
  const isPaused = useStore(sync, (state) => state.status?.state === 'paused');
  const language = useSettings((state) => state.language);
  const theme = useSettings((state) => state.theme);
  const own = useAvailability(agent?.id ?? '');
  const isConnected = useStore(
    sync,
    ({ link, status }) => link === 'up' && (status?.state === 'online' || status?.state === 'catching-up'),
  );
  if (agent === null) return null;
  const presence = own === 'away' ? 'away' : 'available';
  // Without a connection nobody sees us as available, whatever was chosen.
  const availability = isConnected ? (own === 'offline' ? presence : own) : 'offline';
  const showError = (error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, error) });

  return (
    <Menu>
      <MenuTrigger asChild>
        <button
          type="button"
          className={joinClasses(styles.account, isNarrow && styles.narrow)}
          aria-label={t('account.label', { name: agent.name })}
        >
          <span className={styles.face}>
            <Avatar id={agent.id} name={agent.name} size={28} />
            <span className={joinClasses(styles.presence, styles[availability])} />
          </span>
          {!isNarrow && (
            <span className={styles.who}>
              <span className={styles.name}>{agent.name}</span>
              <span className={styles.role}>
                {t(`account.role.${agent.role}`)} · {t(`account.presence.${availability}`)}
              </span>
            </span>
          )}
        </button>
      </MenuTrigger>
      <MenuContent side="top" align="start" className={styles.menu}>
        <MenuLabel>{agent.email}</MenuLabel>
        <MenuRadioGroup
          value={presence}
          onValueChange={(value) => {
            const status = value as 'available' | 'away';
            core.request('presence.set', { status }).catch(showError);
          }}
        >
          <MenuRadioItem value="available">{t('account.presence.available')}</MenuRadioItem>
          <MenuRadioItem value="away">{t('account.presence.away')}</MenuRadioItem>
        </MenuRadioGroup>
        <MenuSeparator />
        <MenuSub>
          <MenuSubTrigger icon={<Languages size={15} aria-hidden />} hint={LANGUAGE_NAMES[language]}>
            {t('settings.language')}
          </MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup
              value={language}
              onValueChange={(value) => settings.getState().set('language', value as Language)}
            >
              {Object.entries(LANGUAGE_NAMES).map(([value, name]) => (
                <MenuRadioItem key={value} value={value} lang={value}>
                  {name}
                </MenuRadioItem>
              ))}
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
        <MenuSub>
          <MenuSubTrigger icon={<Palette size={15} aria-hidden />} hint={t(`settings.themes.${theme}`)}>
            {t('settings.theme')}
          </MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup value={theme} onValueChange={(value) => settings.getState().set('theme', value as Theme)}>
              {THEMES.map((value) => (
                <MenuRadioItem key={value} value={value}>
                  {t(`settings.themes.${value}`)}
                </MenuRadioItem>
              ))}
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
        <MenuItem
          icon={<Settings2 size={15} aria-hidden />}
          onSelect={() => navigation.getState().openDialog('settings')}
        >
          {t('settings.title')}
        </MenuItem>
        <MenuItem
          icon={<Keyboard size={15} aria-hidden />}
          shortcut="help"
          onSelect={() => navigation.getState().openDialog('help')}
        >
          {t('help.title')}
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          icon={isPaused ? <PlugZap size={15} aria-hidden /> : <Unplug size={15} aria-hidden />}
          onSelect={() => core.request('sync.setOnline', { isOnline: isPaused }).catch(showError)}
        >
          {isPaused ? t('status.goOnline') : t('status.goOffline')}
        </MenuItem>
        <MenuItem icon={<LogOut size={15} aria-hidden />} onSelect={() => navigation.getState().openDialog('sign-out')}>
          {t('signOut.title')}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
