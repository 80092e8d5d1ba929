import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { App } from './app.tsx';
import { browserClock, browserRandom } from './core-client/browser-clock.ts';
import { CoreClient } from './core-client/core-client.ts';
import { createPortHostClient, createPreloadHostClient } from './core-client/host-client.ts';
import { openMessagePort } from './core-client/message-port.ts';
import { openWebSocketPort, webSocketUrlOf } from './core-client/web-socket-port.ts';
import { actionWords } from './locales/action-words.ts';
import { createI18n } from './locales/i18n.ts';
import { ConsoleContext } from './stores/console-context.ts';
import { createConsole } from './stores/console.ts';
import { scheduleBrowserFrame } from './stores/frame-schedule.ts';
import './styles/base.css';

const preload = window.liendeskHost;
const core = new CoreClient(
  preload === undefined ? () => openWebSocketPort(webSocketUrlOf(location)) : () => openMessagePort(preload, window),
  browserClock,
);
const i18n = createI18n('vi');
const console = createConsole({
  core,
  host: preload === undefined ? createPortHostClient(core) : createPreloadHostClient(preload),
  clock: browserClock,
  random: browserRandom,
  scheduleFrame: scheduleBrowserFrame,
  earlyCopy: localStorage,
  words: () => actionWords(i18n),
});
await i18n.changeLanguage(console.settings.getState().language);
console.start();
document.addEventListener('visibilitychange', () => console.flush());
window.addEventListener('pagehide', () => console.flush());

createRoot(document.getElementById('root')!).render(
  <I18nextProvider i18n={i18n}>
    <ConsoleContext value={console}>
      <App />
    </ConsoleContext>
  </I18nextProvider>,
);
