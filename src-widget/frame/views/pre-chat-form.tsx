import { useState } from 'preact/hooks';
import type { PreChatQuestion } from '../../../shared/widget-api/channel-settings.ts';
import { PROFILE_LENGTHS } from '../../../shared/widget-api/limits.ts';
import { useChat } from './chat-context.ts';
import { useFormFocus } from './use-form-focus.ts';

const INPUT_MODES = { name: 'text', email: 'email', phone: 'tel' } as const;
const LONGEST_ANSWER = 200;
const AUTOCOMPLETE = { name: 'name', email: 'email', phone: 'tel' } as const;

/** The shop's questions before the first message. */
export function PreChatForm({ questions }: { questions: readonly PreChatQuestion[] }) {
  const { model, state, say } = useChat();
  const { form, goTo } = useFormFocus();
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [hasTried, setTried] = useState(false);
  const isMissing = (question: PreChatQuestion) => question.isRequired && !answers[question.id]?.trim();
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    const missing = questions.find(isMissing);
    if (missing === undefined) model.answerQuestions(answers);
    else goTo(`question-${missing.id}`);
  };
  return (
    <form ref={form} class="form" tabIndex={-1} noValidate onSubmit={submit}>
      <p class="welcome" dir="auto">
        {state.config?.texts[state.language].greeting || say('greeting')}
      </p>
      <p class="intro">{say('preChatIntro')}</p>
      {questions.map((question) => {
        const id = `question-${question.id}`;
        const isWrong = hasTried && isMissing(question);
        const shared = {
          id,
          value: answers[question.id] ?? '',
          'aria-required': question.isRequired,
          'aria-invalid': isWrong,
          'aria-describedby': isWrong ? `${id}-wrong` : undefined,
        };
        const note = (value: string) => setAnswers({ ...answers, [question.id]: value });
        return (
          <div key={question.id} class="question">
            <label for={id}>
              {question.label[state.language]}
              {!question.isRequired && <small> ({say('optional')})</small>}
            </label>
            {question.options.length > 0 ? (
              <select {...shared} onChange={(event) => note(event.currentTarget.value)}>
                <option value="">{say('choose')}</option>
                {question.options.map((option) => (
                  <option key={option.en} value={option[state.language]}>
                    {option[state.language]}
                  </option>
                ))}
              </select>
            ) : (
              <input
                {...shared}
                inputMode={question.field === null ? 'text' : INPUT_MODES[question.field]}
                autocomplete={question.field === null ? 'off' : AUTOCOMPLETE[question.field]}
                maxLength={question.field === null ? LONGEST_ANSWER : PROFILE_LENGTHS[question.field]}
                dir="auto"
                onInput={(event) => note(event.currentTarget.value)}
              />
            )}
            {isWrong && (
              <small class="wrong" id={`${id}-wrong`} role="alert">
                {say('required')}
              </small>
            )}
          </div>
        );
      })}
      <button type="submit" class="primary">
        {say('start')}
      </button>
    </form>
  );
}
