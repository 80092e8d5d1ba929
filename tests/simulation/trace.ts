import { createHash } from 'node:crypto';
import type { SimTime } from './sim-time.ts';

/** What happened in one run, a line each: time, who, what. Without a reader nothing is put into words. */
export class Trace {
  readonly #time: SimTime;
  readonly #write: ((line: string) => void) | null;
  readonly #hash = createHash('sha256');
  #tail: string[] = [];

  /** @param write takes each line; null keeps none */
  constructor(time: SimTime, write: ((line: string) => void) | null) {
    this.#time = time;
    this.#write = write;
  }

  get isOn(): boolean {
    return this.#write !== null;
  }

  say(who: string, words: () => string): void {
    if (this.#write === null) return;
    const line = `${timeOf(this.#time.elapsed)}  ${who.padEnd(8)} ${words()}`;
    this.#hash.update(line);
    this.#tail.push(line);
    if (this.#tail.length > 400) this.#tail = this.#tail.slice(-200);
    this.#write(line);
  }

  tail(lines: number): string[] {
    return this.#tail.slice(-lines);
  }

  /** Two runs of one seed have the same. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

function timeOf(elapsed: number): string {
  const ms = Math.floor(elapsed);
  const part = (value: number, length = 2): string => String(value).padStart(length, '0');
  const hours = Math.floor(ms / 3_600_000);
  return `${part(hours)}:${part(Math.floor(ms / 60_000) % 60)}:${part(Math.floor(ms / 1000) % 60)}.${part(ms % 1000, 3)}`;
}

/** A message on the wire, in few words. */
export function describeMessage(name: string, message: unknown): string {
  const said = message as Record<string, unknown>;
  switch (name) {
    case 'hello':
      return `hello, at ${String(said['cursor'])}, acked ${String(said['ackedN'])}`;
    case 'welcome':
      return `welcome: ${String(said['mode'])}, head ${String(said['head'])}${said['needHeld'] === true ? ', tell what you hold' : ''}`;
    case 'held':
      return `held ${(said['ids'] as string[]).length} of ${String(said['kind'])}${said['isLast'] === true ? ', the last' : ''}`;
    case 'frame': {
      const enters = (said['enter'] as { subject: string }[]).map(({ subject }) => `+${subject}`);
      const leaves = (said['leave'] as string[]).map((subject) => `-${subject}`);
      const events = (said['events'] as { seq: number }[]).map(({ seq }) => `#${seq}`);
      return `frame ${String(said['from'])}→${String(said['to'])} ${[...leaves, ...enters, ...events].join(' ')}`;
    }
    case 'page':
      return `page ${String(said['page'])} of ${(said['subjects'] as unknown[]).length} subjects${said['isLast'] === true ? ', the last' : ''}`;
    case 'submit': {
      const submissions = said['submissions'] as { command: { id: string; n: number; type: string } }[];
      return `submit ${submissions.map(({ command }) => `${command.type} n=${command.n} ${shortId(command.id)}`).join(', ')}`;
    }
    case 'results': {
      const results = said['results'] as { id: string; ok: boolean; seq?: number; error?: { kind: string } }[];
      return `results ${results.map(({ id, ok, seq, error }) => `${shortId(id)} ${ok ? `#${seq}` : error?.kind}`).join(', ')}`;
    }
    case 'bye': {
      const error = said['error'] as { reason?: string; kind: string } | null;
      return `bye${error === null ? '' : ` (${error.reason ?? error.kind})`}`;
    }
    case 'tick':
      return `tick, head ${String(said['head'])}`;
    case 'credit':
      return `credit at ${String(said['cursor'])}`;
    case 'want':
      return `want ${String(said['subject'])} before ${String(said['before'])}`;
    default:
      return name;
  }
}

/** The last digits tell ids of one run apart. */
export function shortId(id: string): string {
  return id.slice(-6);
}
