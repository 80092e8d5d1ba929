import { AlarmClock, CalendarClock, CornerUpLeft, Inbox, MessageSquareReply } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Avatar } from '../../components/avatar.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Picker, type PickerGroup } from '../../components/picker.tsx';
import { formatMoment } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import type { OpenPicker } from '../../stores/navigation.ts';
import { useAgents, useConversation, useQueues } from '../../stores/use-conversations.ts';
import styles from './action-picker.module.css';
import { snoozeChoices, toLocalInput } from './snooze-choices.ts';

/** To whom, where to, until when: for one conversation or many, by name and with the keyboard. */
export function ActionPicker() {
  const { t } = useTranslation('inbox');
  const { navigation } = useConsole();
  const picker = useStore(navigation, (state) => state.picker);
  const count = picker?.conversationIds.length ?? 0;
  return (
    <Dialog
      isOpen={picker !== null}
      onOpenChange={() => navigation.getState().closePicker()}
      title={picker === null ? '' : t(`pick.${picker.kind}`, { count })}
      place="top"
    >
      {picker !== null && <PickerBody picker={picker} />}
    </Dialog>
  );
}

function PickerBody({ picker }: { picker: OpenPicker }) {
  const { t } = useTranslation('inbox');
  const topic = useTopic(picker);
  switch (picker.kind) {
    case 'assign':
      return <AssignPicker picker={picker} topic={topic} />;
    case 'move':
      return <MovePicker picker={picker} topic={topic} placeholder={t('pick.moveField')} />;
    case 'snooze':
      return <SnoozePicker picker={picker} topic={topic} />;
  }
}

/** What it is about: the customer's name, or how many. */
function useTopic({ conversationIds }: OpenPicker): string {
  const { t } = useTranslation('inbox');
  const { data } = useConversation(conversationIds[0]!);
  return conversationIds.length === 1
    ? (data?.customer.name ?? '…')
    : t('bulk.selected', { count: conversationIds.length });
}

interface BodyProps {
  picker: OpenPicker;
  topic: string;
}

/** Acts, closes, and ends the selection that was acted on. */
function useActing(picker: OpenPicker): (act: () => Promise<void>) => void {
  const { navigation, selection } = useConsole();
  return (act) => {
    navigation.getState().closePicker();
    // Also where it is one: it may be in another list from now on, and the next key would mean it still.
    const { ids, clear } = selection.getState();
    if (picker.conversationIds.every((id) => ids.has(id))) clear();
    void act();
  };
}

const PRESENCE_ORDER = { available: 0, away: 1, offline: 2 };

function AssignPicker({ picker, topic }: BodyProps) {
  const { t } = useTranslation('inbox');
  const { actions, session, presence } = useConsole();
  const me = useStore(session, (state) => state.agent);
  const heard = useStore(presence, (state) => state.availability);
  const agents = useAgents();
  const acting = useActing(picker);
  const ids = picker.conversationIds;
  const groups = useMemo((): PickerGroup[] => {
    const others = agents
      .filter((agent) => agent.isActive && agent.id !== me?.id)
      .map((agent) => ({ ...agent, presence: heard[agent.id] ?? agent.presence }))
      .toSorted(
        (one, other) =>
          PRESENCE_ORDER[one.presence] - PRESENCE_ORDER[other.presence] || one.name.localeCompare(other.name, 'vi'),
      );
    return [
      {
        id: 'me',
        items: [
          {
            id: 'me',
            label: t('pick.me'),
            words: me?.name ?? '',
            icon: <Avatar id={me?.id ?? ''} name={me?.name ?? ''} size={22} />,
            shortcut: 'assign-to-me',
            onPick: () => acting(() => actions.assignToMe(ids)),
          },
          {
            id: 'queue',
            label: t('pick.backToQueue'),
            icon: <CornerUpLeft size={16} aria-hidden />,
            onPick: () => acting(() => actions.assign(ids, null)),
          },
        ],
      },
      {
        id: 'agents',
        label: t('pick.agents'),
        items: others.map((agent) => ({
          id: agent.id,
          label: agent.name,
          words: `${agent.email} l${agent.tier}`,
          hint: (
            <span className={styles.presence}>
              <span className={styles[agent.presence]} />
              {t(`pick.presence.${agent.presence}`)} · L{agent.tier}
            </span>
          ),
          icon: <Avatar id={agent.id} name={agent.name} size={22} />,
          onPick: () => acting(() => actions.assign(ids, agent)),
        })),
      },
    ];
  }, [agents, heard, me, ids, actions, acting, t]);
  return (
    <Picker
      label={t('pick.assign', { count: ids.length })}
      placeholder={t('pick.assignField')}
      topic={topic}
      groups={groups}
      emptyText={t('pick.none')}
    />
  );
}

function MovePicker({ picker, topic, placeholder }: BodyProps & { placeholder: string }) {
  const { t } = useTranslation('inbox');
  const { actions } = useConsole();
  const queues = useQueues();
  const acting = useActing(picker);
  const groups: PickerGroup[] = [
    {
      id: 'queues',
      items: queues.map((queue) => ({
        id: queue.id,
        label: queue.name,
        hint: t('pick.queueHint', { open: queue.openCount, unassigned: queue.unassignedCount }),
        icon: <Inbox size={16} aria-hidden />,
        onPick: () => acting(() => actions.move(picker.conversationIds, queue)),
      })),
    },
  ];
  return (
    <Picker
      label={t('pick.move', { count: picker.conversationIds.length })}
      placeholder={placeholder}
      topic={topic}
      groups={groups}
      emptyText={t('pick.none')}
    />
  );
}

function SnoozePicker({ picker, topic }: BodyProps) {
  const { t, i18n } = useTranslation('inbox');
  const { actions, clock } = useConsole();
  const acting = useActing(picker);
  const [now] = useState(() => clock.now());
  const [isOwnTime, setOwnTime] = useState(false);
  const snooze = (until: number | null) => acting(() => actions.snooze(picker.conversationIds, until));
  if (isOwnTime) return <OwnTime picker={picker} topic={topic} now={now} onChoose={snooze} />;
  const groups: PickerGroup[] = [
    {
      id: 'moments',
      items: [
        ...snoozeChoices(now).map(({ id, until }) => ({
          id,
          label: t(`pick.snoozeChoice.${id}`),
          hint: until === null ? undefined : formatMoment(until, i18n.language, now),
          icon: until === null ? <MessageSquareReply size={16} aria-hidden /> : <AlarmClock size={16} aria-hidden />,
          onPick: () => snooze(until),
        })),
        {
          id: 'own-time',
          label: t('pick.snoozeChoice.own-time'),
          icon: <CalendarClock size={16} aria-hidden />,
          onPick: () => setOwnTime(true),
        },
      ],
    },
  ];
  return (
    <Picker
      label={t('pick.snooze', { count: picker.conversationIds.length })}
      placeholder={t('pick.snoozeField')}
      topic={topic}
      groups={groups}
      emptyText={t('pick.none')}
    />
  );
}

function OwnTime({ picker, topic, now, onChoose }: BodyProps & { now: number; onChoose: (until: number) => void }) {
  const { t } = useTranslation('inbox');
  const [text, setText] = useState(() => toLocalInput(now + 3_600_000));
  const until = new Date(text).getTime();
  const count = picker.conversationIds.length;
  const isFuture = until > now;
  return (
    <form
      className={styles.ownTime}
      onSubmit={(event) => {
        event.preventDefault();
        if (isFuture) onChoose(until);
      }}
    >
      <label className={styles.field}>
        {count > 1 ? t('pick.ownTimeOfMany', { count }) : t('pick.ownTime', { name: topic })}
        <input
          type="datetime-local"
          autoFocus
          value={text}
          min={toLocalInput(now)}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <Button type="submit" variant="primary" disabled={!isFuture}>
        {t('pick.snoozeDo')}
      </Button>
    </form>
  );
}
