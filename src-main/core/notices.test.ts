import { expect, test } from 'vitest';
import { Notices } from './notices.ts';
import type { SettingStore } from './outbox/setting-store.ts';

function opened(kept: unknown = null) {
  const values = new Map<string, unknown>([['core.notice', kept]]);
  const settings: Pick<SettingStore, 'get' | 'set'> = {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, structuredClone(value)),
  };
  let made = 0;
  const open = () =>
    new Notices(
      settings as SettingStore,
      () => `n${(made += 1)}`,
      () => undefined,
    );
  return { notices: open(), reopen: open };
}

test('a notice does not hide the one before it, over restarts too', () => {
  const { notices, reopen } = opened();
  notices.add('outbox-damaged');
  notices.add('cache-rebuilt');
  expect(notices.current?.reason).toBe('cache-rebuilt');
  notices.dismiss(notices.current!.id);
  const again = reopen();
  expect(again.current?.reason).toBe('outbox-damaged');
  again.dismiss('of something else');
  again.dismiss(again.current!.id);
  expect(reopen().current).toBeNull();
});

test('what happened twice is said once', () => {
  const { notices } = opened();
  notices.add('cache-rebuilt');
  notices.add('update-needed');
  notices.add('cache-rebuilt');
  notices.addUnlessThere('update-needed');
  expect(notices.current?.reason).toBe('cache-rebuilt');
  notices.dismiss(notices.current!.id);
  expect(notices.current?.reason).toBe('update-needed');
  notices.dismiss(notices.current!.id);
  expect(notices.current).toBeNull();
});

test('the one that an earlier version kept is shown', () => {
  expect(opened({ id: 'n0', reason: 'lease-over' }).notices.current).toEqual({ id: 'n0', reason: 'lease-over' });
});
