import type { CannedReply } from '../../shared/domain/canned-reply/canned-reply.ts';
import type { Channel } from '../../shared/domain/channel/channel.ts';
import type { CustomerRow } from '../../shared/admin-api/import-rows.ts';
import { AppError } from '../../shared/errors.ts';
import { cleanText } from '../../shared/primitives/clean-text.ts';
import { deriveId } from '../event-log/derived-id.ts';
import type { AdminHandlers, AdminParts } from './admin-parts.ts';
import type { CommandDesk } from './command-desk.ts';
import { findCannedReply, findChannel, findCustomer, findQueueIds } from './find-by-reference.ts';

type ImportRoutes = Extract<keyof AdminHandlers, `canned-reply.${string}` | `customer.${string}`>;

export function createImportHandlers(
  parts: Pick<AdminParts, 'webChat' | 'finishErasing'>,
): Pick<AdminHandlers, ImportRoutes> {
  return {
    'canned-reply.import': async (input, { desk }) => {
      const known = new Map((await desk.list<CannedReply>('canned-reply')).map((reply) => [reply.shortcut, reply]));
      requireDistinct(input.cannedReplies.map((row) => row.shortcut));
      // All queues before the first write: one that does not exist must not leave half an import.
      const rows = await Promise.all(
        input.cannedReplies.map(async (row) => ({ ...row, queueIds: await findQueueIds(desk, row.queues) })),
      );
      let added = 0;
      await Promise.all(
        rows.map((row) => {
          const was = known.get(row.shortcut) ?? null;
          if (was === null) added += 1;
          const id = was?.id ?? row.id ?? deriveId('canned-reply', row.shortcut);
          const { shortcut, title, queueIds } = row;
          const texts = { ...was?.texts, ...cleanTexts(row.texts) };
          return desk.put<CannedReply>('canned-reply', id, { shortcut, title, texts, queueIds }, was);
        }),
      );
      return { added, updated: rows.length - added };
    },
    'canned-reply.list': async (_input, { desk }) => ({
      cannedReplies: (await desk.list<CannedReply>('canned-reply')).map(answer),
    }),
    'canned-reply.delete': async (input, { desk }) => {
      const was = await findCannedReply(desk, input.cannedReply);
      await desk.remove('canned-reply', was.id);
      return answer(was);
    },

    'customer.import': async (input, { desk }) => {
      const channel = await channelOfIdentities(desk, input.channel);
      requireDistinct(input.customers.map((row) => row.externalId ?? row.id!));
      requireDistinct(input.customers.flatMap((row) => row.id ?? []));
      const rows = input.customers.map((row) => ({ ...row, customerId: customerIdOf(row, channel) }));
      const added = rows.filter((row) => desk.read('customer', row.customerId) === null).length;
      await Promise.all(rows.map((row) => desk.submit('customer.import', importArgs(row))));
      return { added, updated: rows.length - added };
    },
    'customer.erase': async (input, { desk }) => {
      const { id } = await findCustomer(desk, input.customer);
      // One person, whoever they seemed to be when they first wrote.
      const ids = parts.webChat.listSamePerson(id).filter((one) => desk.read('customer', one) !== null);
      for (const customerId of ids) await eraseWhole(desk, customerId);
      await parts.finishErasing();
      return { customerIds: ids };
    },
  };

  async function eraseWhole(desk: CommandDesk, customerId: string): Promise<void> {
    // The relay goes on by itself where there is more than one event carries; this only is sooner.
    while (desk.read('customer', customerId) !== null) {
      await desk.submit('customer.erase', { customerId }).catch((error: unknown) => {
        if (!(error instanceof AppError && error.kind === 'not_found')) throw error;
      });
    }
  }

  function customerIdOf(row: CustomerRow, channel: Channel | null): string {
    const { id = null, externalId } = row;
    if (externalId === undefined) return id!;
    if (channel === null) return id ?? deriveId('customer', externalId);
    return parts.webChat.bindCustomer(channel.id, externalId, id);
  }
}

/** The channel on which visitors are vouched for by these external ids: the one that is named, or the only one. */
async function channelOfIdentities(desk: CommandDesk, reference: string | undefined): Promise<Channel | null> {
  if (reference !== undefined) return findChannel(desk, reference);
  const channels = await desk.list<Channel>('channel');
  return channels.length === 1 ? channels[0]! : null;
}

function importArgs(row: CustomerRow & { customerId: string }): Parameters<CommandDesk['submit']>[1] {
  const { customerId, id: _id, externalId: _externalId, orders, segments, ...profile } = row;
  return {
    customerId,
    profile,
    ...(orders === undefined ? {} : { orders }),
    ...(segments === undefined ? {} : { segments }),
  };
}

function requireDistinct(keys: string[]): void {
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice === undefined) return;
  throw new AppError('invalid', `"${twice}" comes twice in this import.`, {
    reason: 'row-twice',
    params: { key: twice },
  });
}

function cleanTexts(texts: { vi?: string | undefined; en?: string | undefined }): CannedReply['texts'] {
  return {
    ...(texts.vi === undefined ? {} : { vi: cleanText(texts.vi) }),
    ...(texts.en === undefined ? {} : { en: cleanText(texts.en) }),
  };
}

function answer({ id, shortcut, title, texts, queueIds }: CannedReply) {
  return { id, shortcut, title, texts, queueIds };
}
