import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@playwright/test';
import type { AgentRole } from '../../shared/domain/agent/agent-access.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AdminClient } from '../../tools/processes/admin-client.ts';
import { Program } from '../../tools/processes/program.ts';
import { type WidgetClient, createWidgetClient } from '../../src-widget/client/widget-client.ts';
import { findTestPort } from '../fakes/find-test-port.ts';
import { AgentConsole } from './agent-console.ts';
import type { ConsoleHosts } from './console-hosts.ts';

const ORIGIN = 'https://shop.example';
export const PASSWORD = 'mật khẩu đủ dài';

export const QUEUES = { orders: 'queue-orders', complaints: 'queue-complaints' } as const;

/** A whole workspace on real processes: a relay, consoles, customers on the web chat. */
export class Desk {
  readonly folder: string;
  readonly relayPort: number;
  widgetKey = '';
  identitySecret = '';
  readonly #hosts: ConsoleHosts;
  #relay: Program | null = null;
  readonly #consoles: AgentConsole[] = [];
  readonly #customers: WidgetClient[] = [];
  #onClose: () => void = () => undefined;

  private constructor(hosts: ConsoleHosts, folder: string, relayPort: number) {
    this.#hosts = hosts;
    this.folder = folder;
    this.relayPort = relayPort;
  }

  static async open(hosts: ConsoleHosts): Promise<Desk> {
    const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-desk-'));
    const desk = new Desk(hosts, folder, await findTestPort());
    await desk.startRelay();
    const admin = desk.admin;
    for (const [id, name] of [
      [QUEUES.orders, 'Đơn hàng'],
      [QUEUES.complaints, 'Khiếu nại'],
    ] as const) {
      const escalationQueue = id === QUEUES.orders ? null : QUEUES.orders;
      await admin.call('POST', '/queues', { id, name, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueue });
    }
    await admin.call('PATCH', `/queues/${QUEUES.orders}`, { escalationQueue: QUEUES.complaints });
    await admin.call('POST', '/channels', {
      id: 'channel-shop',
      name: 'Web cửa hàng',
      queue: QUEUES.orders,
      maxTextLength: 4000,
      allowedOrigins: [ORIGIN],
      rateLimits: null,
    });
    await admin.call('POST', '/canned-replies/import', {
      cannedReplies: [
        {
          id: 'canned-hello',
          shortcut: 'chao',
          title: 'Chào khách',
          texts: {
            vi: 'Dạ chào {{customer.givenName | anh/chị}}, em là {{agent.name}}.',
            en: 'Hello {{customer.givenName | there}}, {{agent.name}} here.',
          },
        },
        {
          id: 'canned-order',
          shortcut: 'don',
          title: 'Đơn đang giao',
          texts: { vi: 'Đơn {{order.number}} đang ở bưu cục ạ.' },
        },
        { id: 'canned-ship', shortcut: 'ship', title: 'Phí giao hàng', texts: { vi: 'Phí giao hàng là 20.000 ₫ ạ.' } },
      ],
    });
    const { channel, identitySecret } = (await admin.call('GET', '/channels/channel-shop')) as {
      channel: { widgetKey: string };
      identitySecret: string;
    };
    desk.widgetKey = channel.widgetKey;
    desk.identitySecret = identitySecret;
    await admin.call('POST', '/workspace', { name: 'Cửa hàng thử' });
    return desk;
  }

  get relayUrl(): string {
    return `http://127.0.0.1:${this.relayPort}`;
  }

  get admin(): AdminClient {
    return AdminClient.ofDataDir(path.join(this.folder, 'relay'));
  }

  async startRelay(): Promise<void> {
    this.#relay = await Program.start({
      entry: 'src-relay/main.ts',
      args: ['--host', '127.0.0.1', '--port', String(this.relayPort), '--data-dir', path.join(this.folder, 'relay')],
      ready: /^Liendesk relay: (\S+)$/u,
      logFile: path.join(this.folder, 'relay.log'),
      env: process.env,
    });
  }

  async stopRelay(): Promise<void> {
    await this.#relay?.stop();
    this.#relay = null;
  }

  async killRelay(): Promise<void> {
    await this.#relay?.kill();
    this.#relay = null;
  }

  async addAgent(
    id: string,
    name: string,
    role: AgentRole = 'agent',
    queues: string[] = [QUEUES.orders],
  ): Promise<void> {
    await this.admin.call('POST', '/agents', {
      id,
      name,
      email: emailOf(id),
      role,
      queues,
      languages: ['vi', 'en'],
      password: PASSWORD,
    });
  }

  /**
   * An agent's console on a device of its own, signed in and at the head unless told otherwise; `relayUrl` where it
   * reaches the relay by another way.
   */
  async openConsole(agentId: string, options: { signsIn?: boolean; relayUrl?: string } = {}): Promise<AgentConsole> {
    const name = `console-${this.#consoles.length}-${agentId}`;
    const dataDir = path.join(this.folder, name);
    mkdirSync(dataDir);
    const passwordFile = path.join(this.folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    const { signsIn = true, relayUrl = this.relayUrl } = options;
    const console = new AgentConsole(this.#hosts, {
      dataDir,
      logFile: path.join(this.folder, `${name}.log`),
      signIn: signsIn ? { relayUrl, email: emailOf(agentId), passwordFile } : null,
      size: { width: 1280, height: 720 },
    });
    this.#consoles.push(console);
    await console.start();
    if (signsIn) await console.expectOnline();
    return console;
  }

  /** A customer on the web chat, for whose name the shop vouches. */
  async customer(name: string, options: { externalId?: string; language?: 'vi' | 'en' } = {}): Promise<Customer> {
    const { externalId = randomUUID(), language = 'vi' } = options;
    const hash = createHmac('sha256', this.identitySecret).update(externalId).digest('hex');
    const client = createWidgetClient({
      baseUrl: this.relayUrl,
      widgetKey: this.widgetKey,
      origin: ORIGIN,
      locale: language,
      identity: { id: externalId, name, hash },
    });
    this.#customers.push(client);
    const received: string[] = [];
    const files: Attachment[] = [];
    let lastSeq = 0;
    client.onMessage((entry) => {
      lastSeq = entry.seq;
      if (entry.author !== 'agent') return;
      received.push(entry.text);
      files.push(...entry.attachments);
    });
    await client.open();
    return {
      client,
      name,
      received,
      files,
      write: async (text) => (await client.send({ text })).conversationId,
      read: () => client.markRead(lastSeq),
      expectReceived: (texts) => expect.poll(() => received).toEqual(texts),
    };
  }

  /** Errors in any console since the last call. */
  takeProblems(): string[] {
    return this.#consoles.flatMap((console) => console.problems.splice(0));
  }

  onClose(listener: () => void): void {
    this.#onClose = listener;
  }

  async close(): Promise<void> {
    this.#onClose();
    for (const customer of this.#customers) customer.close();
    await Promise.all(this.#consoles.map((console) => console.stop()));
    await this.#relay?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Customer {
  client: WidgetClient;
  name: string;
  /** Texts of agents' messages, in the order they came. */
  received: string[];
  /** Files that came with them. */
  files: Attachment[];
  /** @returns the conversation */
  write(text: string): Promise<string>;
  /** Has seen everything that came. */
  read(): void;
  /** Exactly these, once each and in this order. */
  expectReceived(texts: string[]): Promise<void>;
}

export function emailOf(agentId: string): string {
  return `${agentId}@shop.example`;
}
