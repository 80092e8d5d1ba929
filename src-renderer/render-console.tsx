import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { App } from './app.tsx';
import { actionWords } from './locales/action-words.ts';
import { createI18n } from './locales/i18n.ts';
import { ConsoleContext } from './stores/console-context.ts';
import { type Console, type ConsoleParts, createConsole } from './stores/console.ts';
import './styles/base.css';

/** Builds the console on what a host offers, starts it and shows it in `element`. */
export async function renderConsole(element: HTMLElement, parts: Omit<ConsoleParts, 'words'>): Promise<Console> {
  const i18n = createI18n('vi');
  const console = createConsole({ ...parts, words: () => actionWords(i18n, parts.clock) });
  await i18n.changeLanguage(console.settings.getState().language);
  console.start();
  document.addEventListener('visibilitychange', () => console.flush());
  window.addEventListener('pagehide', () => console.flush());
  createRoot(element).render(
    <I18nextProvider i18n={i18n}>
      <ConsoleContext value={console}>
        <App />
      </ConsoleContext>
    </I18nextProvider>,
  );
  return console;
}
