import type { ErrorBody } from '../../shared/errors.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { WidgetSession } from '../../shared/widget-api/session.ts';
import { WidgetApiError } from '../client/widget-api-error.ts';
import type { ToFrame, ToPage, Wrapped } from '../page-messages.ts';

type Told<Type extends ToFrame['type']> = Extract<ToFrame, { type: Type }>;

/** What the frame hears from the page that holds it, and says to it. */
export class PageLink {
  readonly #origin: string;
  readonly #page: Window;
  readonly #messages = new Subscribable<ToFrame>();

  /** @param origin the page's, checked against those the relay allows */
  constructor(page: Window, origin: string) {
    this.#page = page;
    this.#origin = origin;
    window.addEventListener('message', (event: MessageEvent<Partial<Wrapped<ToFrame>> | null>) => {
      if (event.origin !== origin || event.source !== page || !event.data?.liendesk) return;
      this.#messages.publish(event.data.liendesk);
    });
  }

  on<Type extends ToFrame['type']>(type: Type, listener: (message: Told<Type>) => void): () => void {
    return this.#messages.subscribe((message) => {
      if (message.type === type) listener(message as Told<Type>);
    });
  }

  post(message: ToPage): void {
    const wrapped: Wrapped<ToPage> = { liendesk: message };
    this.#page.postMessage(wrapped, this.#origin);
  }

  /**
   * A session, opened by the page: its origin is what the relay checks, and it keeps the visitor's secret.
   * @throws WidgetApiError
   */
  async openSession(): Promise<WidgetSession> {
    return await new Promise((resolve, reject) => {
      const stop = this.on('session', ({ session, error }) => {
        stop();
        if (session !== null) resolve(session);
        else reject(new WidgetApiError(0, error ?? unknownError));
      });
      this.post({ type: 'session' });
    });
  }
}

const unknownError: ErrorBody = { kind: 'internal', origin: 'widget', message: 'No session.', retryable: false };

/** The origin of the page that holds this frame, if it is one of those the relay allows; null otherwise. */
export function findPageOrigin(claimed: string, allowed: string): string | null {
  return claimed !== '' && allowed.split(' ').includes(claimed) ? claimed : null;
}
