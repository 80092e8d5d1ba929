import { Component } from 'preact';
import { formatDay, formatTime } from '../day-and-time.ts';
import type { EntryGroup } from '../group-entries.ts';
import { AttachmentView } from './attachment-view.tsx';
import { useChatTools } from './chat-context.ts';
import { Icon } from './icons.tsx';
import { RichText } from './rich-text.tsx';

interface GroupProps {
  group: EntryGroup;
  /** Whether the newest message of all is in it and the relay has it. */
  isNewestSent: boolean;
}

/** Drawn again only when something in it is new: a long conversation gets a new list of groups with every message. */
export class GroupView extends Component<GroupProps> {
  override shouldComponentUpdate({ group, isNewestSent }: GroupProps): boolean {
    const now = this.props;
    const isSame =
      group.entries.length === now.group.entries.length &&
      group.entries.at(-1) === now.group.entries.at(-1) &&
      group.day === now.group.day;
    return !isSame || isNewestSent !== now.isNewestSent;
  }

  override render(props: GroupProps) {
    return <GroupBody {...props} />;
  }
}

function GroupBody({ group, isNewestSent }: GroupProps) {
  const { language, say } = useChatTools();
  const isOwn = group.author === 'customer';
  const at = group.entries.at(-1)?.at ?? 0;
  const name = isOwn ? say('you') : (group.agentName ?? say('agent'));
  return (
    <>
      {group.day !== null && <div class="day">{formatDay(group.day, language, say)}</div>}
      <section class={isOwn ? 'group own' : 'group'}>
        {!isOwn && (
          <span class="avatar" aria-hidden="true">
            {initialOf(name)}
          </span>
        )}
        <div class="bubbles">
          {isOwn ? <span class="hidden">{name}</span> : <bdi class="author">{name}</bdi>}
          {group.entries.map((entry) => (
            <div key={entry.messageId + entry.part} class="message">
              {entry.attachments.map((attachment) => (
                <AttachmentView key={attachment.fileId} attachment={attachment} />
              ))}
              {entry.text !== '' && (
                <div class="bubble">
                  <RichText text={entry.text} />
                </div>
              )}
            </div>
          ))}
          <span class="below">
            <time dateTime={new Date(at).toISOString()}>{formatTime(at, language)}</time>
            {isOwn && isNewestSent && (
              <>
                {' · '}
                {say('sent')} <Icon name="check" />
              </>
            )}
          </span>
        </div>
      </section>
    </>
  );
}

/** The given name's letter: the last word of a Vietnamese name. */
function initialOf(name: string): string {
  const word = name.trim().split(/\s+/).at(-1) ?? '';
  return Array.from(word)[0]?.toUpperCase() ?? '';
}
