import { render } from 'preact';
import { createWidgetClient } from '../client/widget-client.ts';
import { ChatModel } from './chat-model.ts';
import './frame.css';
import { PageLink, findPageOrigin } from './page-link.ts';
import { ChatApp } from './views/chat-app.tsx';

const place = document.querySelector('#chat');
const allowedOrigins = document.querySelector('meta[name="liendesk-origins"]')?.getAttribute('content') ?? '';
const pageOrigin = findPageOrigin(location.hash.slice(1), allowedOrigins);
const widgetKey = new URLSearchParams(location.search).get('key');
if (place !== null && pageOrigin !== null && widgetKey !== null && parent !== window)
  begin(place, pageOrigin, widgetKey);

function begin(container: Element, origin: string, key: string): void {
  const link = new PageLink(parent, origin);
  const client = createWidgetClient({
    baseUrl: location.origin,
    widgetKey: key,
    afterSeq: 'head',
    openSession: () => link.openSession(),
  });

  link.on('start', ({ locale, stored, isKnown, isOpen }) => {
    const model = new ChatModel(client, (message) => link.post(message), locale);
    const show = (isShown: boolean) => {
      model.setOpen(isShown);
      // Nobody becomes a visitor by loading a page: a session begins when there is something to show or to write.
      if (isShown || isKnown) void model.start(stored);
    };
    link.on('visible', (said) => show(said.isOpen));
    link.on('identify', () => void model.identify());
    show(isOpen);
    const close = () => {
      model.setOpen(false);
      link.post({ type: 'close' });
    };
    render(<ChatApp model={model} onClose={close} />, container);
  });
  addEventListener('online', () => client.wake());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.wake();
  });
  link.post({ type: 'ready' });
}
