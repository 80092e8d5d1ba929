import type { Database } from 'better-sqlite3';
import { afterEach, vi } from 'vitest';
import type { AgentCoreOptions } from '../../src-main/core/agent-core.ts';
import { SqliteOutbox } from '../../src-main/core/outbox/sqlite-outbox.ts';
import { type TestConsole, removeFolders } from './console-process.ts';
import { ScriptedRelay, settle } from './scripted-relay.ts';

interface SignedIn {
  relay: ScriptedRelay;
  console: TestConsole;
}

/** Consoles of a test, which end with it. */
export interface ScriptedConsoles {
  /** A console at the head of a relay of its own. */
  signedIn(options?: Partial<AgentCoreOptions>): Promise<SignedIn>;
  /** The same, with the very connection by which it writes its outbox. */
  signedInWithOutbox(options?: Partial<AgentCoreOptions>): Promise<SignedIn & { database: Database }>;
  /** Ends one that the test opened itself. @returns it */
  keep(console: TestConsole): TestConsole;
}

/** For files whose tests open consoles: real files, on a machine that may be busy with something else. */
export function useScriptedConsoles(): ScriptedConsoles {
  const consoles: TestConsole[] = [];
  const keep: ScriptedConsoles['keep'] = (console) => {
    consoles.push(console);
    return console;
  };
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const one of consoles.splice(0)) await one.close();
    removeFolders();
  });
  const signedIn: ScriptedConsoles['signedIn'] = async (options) => {
    const relay = new ScriptedRelay();
    return { relay, console: keep(await relay.signedIn(options)) };
  };
  return {
    keep,
    signedIn,
    signedInWithOutbox: async (options) => {
      let database: Database | null = null;
      const open = SqliteOutbox.open.bind(SqliteOutbox);
      vi.spyOn(SqliteOutbox, 'open').mockImplementation((parts) =>
        open({ ...parts, open: (file) => (database = parts.open(file)) }),
      );
      return { ...(await signedIn(options)), database: database! };
    },
  };
}

export async function stateOf(console: TestConsole): Promise<string> {
  return (await console.request('sync.status')).state;
}

/** What was said in a conversation, notes too. */
export async function textsOf(console: TestConsole, conversationId: string): Promise<string[]> {
  const { messages } = await console.request('message.list', { conversationId });
  return messages.filter(({ kind }) => kind !== 'system').map(({ text }) => text);
}

/** @returns the id of the command */
export async function send(console: TestConsole, conversationId: string, text = 'dạ'): Promise<string> {
  const { commandId } = await console.request('message.send', { conversationId, text });
  await settle();
  return commandId;
}
