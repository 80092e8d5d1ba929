import { CircleAlert, Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { Choice } from '../../components/choice.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useSettings } from '../../stores/use-settings.ts';
import { LANGUAGE_NAMES } from '../settings/account-menu.tsx';
import { toRelayUrl } from './relay-url.ts';
import styles from './sign-in.module.css';

/** Relay address, e-mail, password; says plainly what is wrong with which of them. */
export function SignIn() {
  const { t } = useTranslation(['sign-in', 'errors']);
  const { core, readSession, session, settings } = useConsole();
  const { relayUrl, endedReason } = useStore(session);
  const language = useSettings((state) => state.language);
  const lastSignIn = useSettings((state) => state.lastSignIn);
  const [address, setAddress] = useState(() => relayUrl ?? lastSignIn?.relayUrl ?? 'http://127.0.0.1:4600');
  const [email, setEmail] = useState(() => lastSignIn?.email ?? '');
  const [password, setPassword] = useState('');
  const [isShown, setShown] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const url = toRelayUrl(address);
    if (url === null) return setProblem(t('sign-in:badAddress'));
    if (email.trim() === '' || password === '') return setProblem(t('sign-in:incomplete'));
    setBusy(true);
    setProblem(null);
    try {
      await core.request('session.signIn', { relayUrl: url, email: email.trim(), password });
      session.setState({ endedReason: null });
      await readSession();
      settings.getState().set('lastSignIn', { relayUrl: url, email: email.trim() });
    } catch (error) {
      setProblem(errorText(t, error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={(event) => void submit(event)} aria-busy={isBusy} noValidate>
        <header className={styles.head}>
          <span className={styles.sign} aria-hidden>
            L
          </span>
          <div>
            <h1 className={styles.title}>{t('sign-in:title')}</h1>
            <p className={styles.subtitle}>{t('sign-in:subtitle')}</p>
          </div>
        </header>
        {endedReason !== null && problem === null && (
          <p className={styles.notice} role="status">
            {String(t([`sign-in:endedBy.${endedReason}`, `errors:reason.${endedReason}`, 'sign-in:ended'] as never))}{' '}
            {t('sign-in:nothingLost')}
          </p>
        )}
        {problem !== null && (
          <p className={styles.problem} role="alert">
            <CircleAlert size={16} aria-hidden /> {problem}
          </p>
        )}
        <label className={styles.field}>
          {t('sign-in:address')}
          <input
            type="url"
            inputMode="url"
            value={address}
            spellCheck={false}
            autoComplete="url"
            onChange={(event) => setAddress(event.target.value)}
          />
        </label>
        <label className={styles.field}>
          {t('sign-in:email')}
          <input
            type="email"
            value={email}
            autoFocus={lastSignIn === null}
            autoComplete="username"
            spellCheck={false}
            onChange={(event) => setEmail(event.target.value)}
          />
        </label>
        <label className={styles.field}>
          {t('sign-in:password')}
          <span className={styles.password}>
            <input
              type={isShown ? 'text' : 'password'}
              value={password}
              autoFocus={lastSignIn !== null}
              autoComplete="current-password"
              onChange={(event) => setPassword(event.target.value)}
            />
            <IconButton
              label={t(isShown ? 'sign-in:hide' : 'sign-in:show')}
              size="small"
              onClick={() => setShown(!isShown)}
            >
              {isShown ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
            </IconButton>
          </span>
        </label>
        <Button type="submit" variant="primary" size="large" disabled={isBusy}>
          {t(isBusy ? 'sign-in:busy' : 'sign-in:submit')}
        </Button>
      </form>
      <Choice
        label={t('sign-in:language')}
        value={language}
        options={[
          { value: 'vi', label: LANGUAGE_NAMES.vi, lang: 'vi' },
          { value: 'en', label: LANGUAGE_NAMES.en, lang: 'en' },
        ]}
        onChange={(value) => settings.getState().set('language', value)}
      />
    </main>
  );
}
