import { expect, test } from 'vitest';
import { z } from 'zod';
import { deriveId } from './derived-id.ts';

test('SYNC-C7 the same parts give the same id, other parts another, and all are UUIDs', () => {
  const ids = [
    deriveId('delivery', 'm1', 'sent'),
    deriveId('delivery', 'm1s', 'ent'),
    deriveId('timer', 1),
    deriveId('timer', '1'),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(deriveId('delivery', 'm1', 'sent')).toBe(ids[0]);
  for (const id of ids) expect(z.uuid().safeParse(id).success).toBe(true);
});
