import { createHmac, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { createWidgetClient } from '../../src-widget/client/widget-client.ts';
import { startDemoShop } from '../demo-shop/start-demo-shop.ts';
import { AdminClient } from '../processes/admin-client.ts';
import { findFreePort } from '../start/free-port.ts';
import { type CustomerScript, type DemoCustomerProfile, readDemoContent } from './demo-content.ts';
import { ScriptedCustomer } from './scripted-customer.ts';

/** The first customers come quickly, so that a newcomer sees something happen; the others one after the other. */
const FIRST_ARRIVALS_MS = [1_000, 5_000, 11_000, 19_000, 32_000, 50_000];
const NEXT_ARRIVAL_MS = 40_000;
/** At most this many are in conversation at once. */
const MOST_AT_ONCE = 8;

const channelSchema = z.looseObject({ channel: z.looseObject({ widgetKey: z.string() }), identitySecret: z.string() });

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
const random: Random = { bytes: (length) => randomBytes(length), fraction: () => Math.random() };

const SHOP_PORT = 4690;
/** Customers whom one can be on the shop's page. */
const SHOP_ACCOUNTS = 5;

interface Relay {
  url: string;
  widgetKey: string;
  identitySecret: string;
  /** Of the shop's page, which customers write from. */
  origin: string;
}

/** One customer writes through the web chat until the script is over. */
async function visit(script: CustomerScript, profile: DemoCustomerProfile, relay: Relay): Promise<void> {
  const id = profile.externalId;
  const client = createWidgetClient({
    baseUrl: relay.url,
    widgetKey: relay.widgetKey,
    origin: relay.origin,
    identity: {
      id,
      name: profile.profile.name,
      email: profile.profile.email,
      phone: profile.profile.phone,
      hash: createHmac('sha256', relay.identitySecret).update(id).digest('hex'),
    },
    locale: script.language,
    page: { url: `${relay.origin}/`, title: script.page },
    afterSeq: 'head',
  });
  const customer = new ScriptedCustomer(
    script,
    {
      send: async (text) => {
        await client.send({ text });
      },
      showTyping: (isTyping) => client.setTyping(isTyping),
    },
    clock,
    random,
  );
  client.onMessage((entry) => {
    if (entry.author !== 'agent') return;
    client.markRead(entry.seq);
    customer.hear(entry.text);
  });
  await client.open();
  await customer.open();
  await customer.done;
  client.close();
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { relay: { type: 'string' }, 'relay-dir': { type: 'string' } } });
  const url = values.relay;
  const relayDir = values['relay-dir'];
  if (url === undefined || relayDir === undefined) throw new Error('Usage: --relay URL --relay-dir DIR');
  const content = readDemoContent();
  const admin = AdminClient.ofDataDir(relayDir);
  const { channel, identitySecret } = channelSchema.parse(await admin.call('GET', `/channels/${content.channel.id}`));
  const shop = await startDemoShop({
    relayUrl: url,
    widgetKey: channel.widgetKey,
    port: await findFreePort(SHOP_PORT),
    identitySecret,
    accounts: content.customers
      .slice(0, SHOP_ACCOUNTS)
      .map(({ externalId, profile }) => ({ id: externalId, name: profile.name, email: profile.email })),
  });
  const { origin } = new URL(shop.url);
  await admin.call('PATCH', `/channels/${content.channel.id}`, { allowedOrigins: [origin] });
  const relay: Relay = { url, widgetKey: channel.widgetKey, identitySecret, origin };
  const customers = new Map(content.customers.map((customer) => [customer.id, customer]));

  // Another order at each start: who wrote in the last one does not begin with the same words again.
  const first = Math.floor(Math.random() * content.scripts.length);
  let arrived = 0;
  let present = 0;
  const arrive = (): void => {
    const script = content.scripts[(first + arrived) % content.scripts.length]!;
    if (present < MOST_AT_ONCE) {
      arrived += 1;
      present += 1;
      visit(script, customers.get(script.customerId)!, relay)
        .catch((error: unknown) => process.stderr.write(`${script.id}: ${String(error)}\n`))
        .finally(() => {
          present -= 1;
        });
    }
    setTimeout(arrive, nextArrival(arrived));
  };
  setTimeout(arrive, FIRST_ARRIVALS_MS[0]);
  process.stdout.write(`Demo shop: ${shop.url}\n`);
}

function nextArrival(arrived: number): number {
  const at = FIRST_ARRIVALS_MS[arrived];
  return at === undefined ? NEXT_ARRIVAL_MS * (0.5 + Math.random()) : at - (FIRST_ARRIVALS_MS[arrived - 1] ?? 0);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
