import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { TooltipProvider } from './components/tooltip.tsx';
import { useConsole } from './stores/console-context.ts';
import { useSettings } from './stores/use-settings.ts';
import { Shell } from './views/shell/shell.tsx';
import { SignIn } from './views/sign-in/sign-in.tsx';

/** The window: nothing until the core answered once, then sign-in or the shell. */
export function App() {
  const { session } = useConsole();
  const phase = useStore(session, (state) => state.phase);
  const agentId = useStore(session, (state) => state.agent?.id);
  useAppearance();
  if (phase === 'unknown') return null;
  return (
    <TooltipProvider>
      <ErrorBoundary>{phase === 'signed-in' ? <Shell key={agentId} /> : <SignIn />}</ErrorBoundary>
    </TooltipProvider>
  );
}

/** Language and theme of the document follow the settings, and the system where that is what was chosen. */
function useAppearance(): void {
  const language = useSettings((settings) => settings.language);
  const theme = useSettings((settings) => settings.theme);
  const { i18n } = useTranslation();

  useEffect(() => {
    document.documentElement.lang = language;
    void i18n.changeLanguage(language);
  }, [language, i18n]);

  useEffect(() => {
    const systemDark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      const isDark = theme === 'dark' || (theme === 'system' && systemDark.matches);
      document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
    };
    apply();
    systemDark.addEventListener('change', apply);
    return () => systemDark.removeEventListener('change', apply);
  }, [theme]);
}
