import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { formatSize } from '../day-and-time.ts';
import type { TrayFile } from '../upload-tray.ts';
import { useChat } from './chat-context.ts';
import { Icon } from './icons.tsx';

export function Composer() {
  const { model, state, say } = useChat();
  const { draft, files, config, isOpen, notice } = state;
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const mayUpload = config?.uploads.isAllowed === true;
  const isUploading = files.some((file) => file.done === null && file.failure === null);
  const hasSomething = draft.trim() !== '' || files.some((file) => file.done !== null);

  useEffect(() => {
    if (isOpen) field.current?.focus({ preventScroll: true });
  }, [isOpen]);

  useLayoutEffect(() => fitHeight(field.current), [draft]);

  const send = () => {
    if (model.sendDraft()) field.current?.focus();
  };
  const handleKey = (event: KeyboardEvent) => {
    // While a Vietnamese or other input method composes, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };
  const handlePaste = (event: ClipboardEvent) => {
    const pasted = Array.from(event.clipboardData?.files ?? []);
    if (!mayUpload || pasted.length === 0) return;
    event.preventDefault();
    model.addFiles(pasted);
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {notice !== null && (
        <p class="notice" role="alert">
          {say(notice.key, notice.params)}
        </p>
      )}
      {files.length > 0 && (
        <ul class="tray">
          {files.map((file) => (
            <TrayView key={file.id} file={file} />
          ))}
        </ul>
      )}
      <div class="write">
        {mayUpload && (
          <>
            <input
              ref={picker}
              type="file"
              multiple
              class="hidden"
              tabIndex={-1}
              aria-hidden="true"
              onChange={(event) => {
                model.addFiles(Array.from(event.currentTarget.files ?? []));
                event.currentTarget.value = '';
              }}
            />
            <button type="button" class="tool" aria-label={say('attach')} onClick={() => picker.current?.click()}>
              <Icon name="clip" />
            </button>
          </>
        )}
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={draft}
          placeholder={say('writeHere')}
          aria-label={say('writeHere')}
          enterkeyhint="send"
          onInput={(event) => model.setDraft(event.currentTarget.value)}
          onKeyDown={handleKey}
          onPaste={handlePaste}
        />
        <button type="submit" class="send" aria-label={say('send')} disabled={!hasSomething || isUploading}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

function TrayView({ file }: { file: TrayFile }) {
  const { model, state, say } = useChat();
  const status = file.failure ? say(file.failure.key, file.failure.params) : formatSize(file.size, state.language);
  return (
    <li class={file.failure === null ? 'tray-file' : 'tray-file failed'}>
      {file.preview === null ? (
        <span class="file-icon">
          <Icon name={file.failure === null ? 'file' : 'alert'} />
        </span>
      ) : (
        <img src={file.preview} alt="" />
      )}
      <span class="file-text">
        <bdi class="file-name">{file.name}</bdi>
        {file.done === null && file.failure === null ? (
          <progress value={file.progress} max={1} aria-label={file.name} />
        ) : (
          <span class="file-size" role={file.failure === null ? undefined : 'alert'}>
            {status}
          </span>
        )}
      </span>
      <button type="button" class="tool" aria-label={say('remove')} onClick={() => model.removeFile(file.id)}>
        <Icon name="cross" />
      </button>
    </li>
  );
}

/** As high as what is written, up to a limit that the style sheet sets. */
function fitHeight(area: HTMLTextAreaElement | null): void {
  if (area === null) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}
