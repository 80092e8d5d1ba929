import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AdminClient } from '../processes/admin-client.ts';
import { readDemoContent } from './demo-content.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface SignIn {
  email: string;
  password: string;
}

/**
 * Fills an empty relay with the demo workspace; does nothing to a relay that has one.
 * @returns how the newcomer signs in. All demo agents have the password in `<data dir>/demo-password`.
 */
export async function seedDemo(options: { relayDir: string; url: string; dataDir: string }): Promise<SignIn> {
  const admin = AdminClient.ofDataDir(options.relayDir);
  const content = readDemoContent();
  const passwordFile = path.join(options.dataDir, 'demo-password');
  if (!existsSync(passwordFile)) writeFileSync(passwordFile, randomBytes(12).toString('base64url'), { mode: 0o600 });
  const signIn = { email: content.signInAs, password: readFileSync(passwordFile, 'utf8').trim() };
  if (await hasWorkspace(admin)) return signIn;

  // Queues name each other, so they are made first and pointed at each other then.
  for (const { escalationQueueId: _later, ...queue } of content.queues) {
    await admin.call('POST', '/queues', { ...queue, escalationQueue: null });
  }
  for (const queue of content.queues) {
    if (queue.escalationQueueId === null) continue;
    await admin.call('PATCH', `/queues/${queue.id}`, { escalationQueue: queue.escalationQueueId });
  }
  for (const { queueIds, ...agent } of content.agents) {
    await admin.call('POST', '/agents', { ...agent, queues: queueIds, password: signIn.password });
  }
  const { queueId, ...channel } = content.channel;
  await admin.call('POST', '/channels', { ...channel, queue: queueId });
  await admin.call('POST', '/canned-replies/import', {
    cannedReplies: content.cannedReplies.map(({ queueIds, ...reply }) => ({ ...reply, queues: queueIds })),
  });
  const now = Date.now();
  await admin.call('POST', '/customers/import', {
    customers: content.customers.map(({ profile, orders, ...customer }) => ({
      ...customer,
      ...profile,
      orders: orders.map(({ placedDaysAgo, ...order }) => ({ ...order, placedAt: now - placedDaysAgo * DAY_MS })),
    })),
  });
  // Last: a workspace is there only when all of it is.
  await admin.call('POST', '/workspace', content.workspace);
  return signIn;
}

/** @returns the administrator that was made, or null where there is a workspace already */
export async function seedEmpty(relayDir: string): Promise<SignIn | null> {
  const admin = AdminClient.ofDataDir(relayDir);
  if (await hasWorkspace(admin)) return null;
  const signIn = { email: 'admin@liendesk.local', password: randomBytes(12).toString('base64url') };
  await admin.call('POST', '/queues', {
    id: 'queue-main',
    name: 'Hộp thư chung',
    reopenDays: 7,
    keepAssigneeOnReopen: true,
    escalationQueue: null,
  });
  await admin.call('POST', '/agents', {
    name: 'Quản trị',
    ...signIn,
    role: 'admin',
    queues: ['queue-main'],
    languages: ['vi', 'en'],
  });
  await admin.call('POST', '/workspace', { name: 'Liendesk', language: 'vi', timeZone: 'Asia/Ho_Chi_Minh' });
  return signIn;
}

async function hasWorkspace(admin: AdminClient): Promise<boolean> {
  try {
    await admin.call('GET', '/workspace');
    return true;
  } catch {
    return false;
  }
}
