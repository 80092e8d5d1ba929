import { createBrowserHostClient } from './core-client/browser-host-client.ts';
import { browserClock, browserRandom } from './core-client/browser-clock.ts';
import { CoreClient } from './core-client/core-client.ts';
import { createPreloadHostClient } from './core-client/host-client.ts';
import { openMessagePort } from './core-client/message-port.ts';
import { openWebSocketPort, webSocketUrlOf } from './core-client/web-socket-port.ts';
import { renderConsole } from './render-console.tsx';
import { scheduleBrowserFrame } from './stores/frame-schedule.ts';

const preload = window.liendeskHost;
const core = new CoreClient(
  preload === undefined ? () => openWebSocketPort(webSocketUrlOf(location)) : () => openMessagePort(preload, window),
  browserClock,
);

window.addEventListener('online', () => {
  // Nobody asked for it, and the next try comes by itself.
  core.request('sync.networkBack', {}).catch(() => undefined);
});

await renderConsole(document.getElementById('root')!, {
  core,
  host: preload === undefined ? createBrowserHostClient(core) : createPreloadHostClient(preload),
  clock: browserClock,
  random: browserRandom,
  scheduleFrame: scheduleBrowserFrame,
  earlyCopy: localStorage,
});
