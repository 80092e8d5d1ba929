import { useState } from 'preact/hooks';
import { WidgetApiError } from '../../client/widget-api-error.ts';
import { type TextKey, textKeyOf } from '../texts.ts';
import { useChat } from './chat-context.ts';
import { useFormFocus } from './use-form-focus.ts';

/** For hours in which nobody is there: a message with an address to answer to. */
export function OfflineForm({ onChat }: { onChat: () => void }) {
  const { model, state, say } = useChat();
  // Kept with the chat: when somebody comes, or it is to be written there all the same, the text goes along, and the
  // rest is here again when they go.
  const { name, contact } = state.sender;
  const text = state.draft;
  const { form, goTo } = useFormFocus();
  const [website, setWebsite] = useState('');
  const [problem, setProblem] = useState<{ field: 'contact' | 'text' | 'all'; key: TextKey } | null>(null);
  const [isSending, setSending] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    const address = addressOf(contact);
    if (address === null) {
      goTo('offline-contact');
      return setProblem({ field: 'contact', key: contact.trim() ? 'contactWrong' : 'required' });
    }
    if (text.trim() === '') {
      goTo('offline-text');
      return setProblem({ field: 'text', key: 'required' });
    }
    setSending(true);
    setProblem(null);
    try {
      await model.leaveMessage({ name, ...address, text, website });
    } catch (error) {
      const reason = error instanceof WidgetApiError ? error.body.reason : undefined;
      setProblem({ field: 'all', key: textKeyOf(reason, 'refused-message') });
    } finally {
      setSending(false);
    }
  };

  const wrong = (field: string) =>
    problem?.field === field && (
      <small class="wrong" role="alert" id={`${field}-wrong`}>
        {say(problem.key, { limit: 4000 })}
      </small>
    );
  return (
    <form ref={form} class="form" noValidate onSubmit={(event) => void submit(event)}>
      <p class="welcome">{say('away')}</p>
      <p class="intro" dir="auto">
        {state.config?.texts[state.language].away || say('awayGreeting')}
      </p>
      <div class="question">
        <label for="offline-name">
          {say('name')} <small>({say('optional')})</small>
        </label>
        <input
          id="offline-name"
          dir="auto"
          maxLength={120}
          autocomplete="name"
          value={name}
          onInput={(event) => model.setSender({ name: event.currentTarget.value })}
        />
      </div>
      <div class="question">
        <label for="offline-contact">{say('emailOrPhone')}</label>
        <input
          id="offline-contact"
          maxLength={120}
          autocomplete="email"
          inputMode="email"
          aria-required
          aria-invalid={problem?.field === 'contact'}
          aria-describedby="contact-wrong"
          value={contact}
          onInput={(event) => model.setSender({ contact: event.currentTarget.value })}
        />
        {wrong('contact')}
      </div>
      <div class="question trap" aria-hidden="true">
        <label for="offline-website">Website</label>
        <input
          id="offline-website"
          tabIndex={-1}
          autocomplete="off"
          value={website}
          onInput={(event) => setWebsite(event.currentTarget.value)}
        />
      </div>
      <div class="question">
        <label for="offline-text">{say('message')}</label>
        <textarea
          id="offline-text"
          rows={4}
          dir="auto"
          maxLength={4000}
          aria-required
          aria-invalid={problem?.field === 'text'}
          aria-describedby="text-wrong"
          value={text}
          onInput={(event) => model.setDraft(event.currentTarget.value)}
        />
        {wrong('text')}
      </div>
      {wrong('all')}
      <button type="submit" class="primary" disabled={isSending}>
        {say(isSending ? 'sending' : 'leaveMessage')}
      </button>
      <button type="button" class="quiet" onClick={onChat}>
        {say('chatAnyway')}
      </button>
    </form>
  );
}

function addressOf(contact: string): { email: string } | { phone: string } | null {
  const given = contact.trim();
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(given)) return { email: given };
  return /^\+?[\d\s().-]{8,20}$/.test(given) ? { phone: given } : null;
}
