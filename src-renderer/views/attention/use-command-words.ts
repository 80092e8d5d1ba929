import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { TakenBack } from '../../stores/take-back.ts';
import { commandName } from './command-name.ts';

/** What commands are called, and what is said of them. */
export function useCommandWords(): { nameOf(type: string): string; saidOf(takenBack: TakenBack): string } {
  const { t } = useTranslation(['attention', 'conversation']);
  return useMemo(() => {
    const nameOf = (type: string) => t(`attention:type.${commandName(type)}`);
    return {
      nameOf,
      saidOf({ commands: [first, ...others], isKeptAsNote, lost }) {
        const isWritten = first?.type === 'message.send' || first?.type === 'note.add';
        const where = isKeptAsNote ? 'takenBackAsNote' : lost === '' ? 'takenBack' : 'takenBackLost';
        const said = isWritten ? t('conversation:message.undone') : t(`attention:${where}`);
        if (others.length === 0) return said;
        return `${said} ${t('attention:takenBackToo', { what: others.map(({ type }) => nameOf(type)).join(', ') })}`;
      },
    };
  }, [t]);
}
