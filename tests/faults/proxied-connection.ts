import type net from 'node:net';
import type { Random } from '../../shared/primitives/clock.ts';
import { type Conditions, PERFECT } from './conditions.ts';

export type Direction = 'up' | 'down';

interface ConnectionParts {
  /** Conditions of the line that this connection shares with others. */
  line(): Readonly<Conditions>;
  /** Takes the line for so many bytes. @returns when it has carried them, by `performance.now()` */
  reserve(direction: Direction, bytes: number): number;
  random: Random;
  onBytes(direction: Direction, bytes: number): void;
  onCut(): void;
  onEnd(): void;
}

interface Slice {
  bytes: Buffer;
  dueAt: number;
}

/** What may lie in the proxy for one direction before it stops to read: about a socket's own buffer. */
const BUFFER_BYTES = 64 * 1024;
/** Slices of a line with a bandwidth: small enough that connections share it fairly. */
const PACED_SLICE_BYTES = 4096;

/** One client's connection and its counterpart to the target, with what is on its way in between. */
export class ProxiedConnection {
  readonly #parts: ConnectionParts;
  readonly #pipes: readonly [Pipe, Pipe];
  #own: Conditions = { ...PERFECT };
  #carried = 0;
  #isSilent = false;
  #hasEnded = false;

  constructor(client: net.Socket, target: net.Socket, parts: ConnectionParts) {
    this.#parts = parts;
    this.#pipes = [this.#pipe('up', client, target), this.#pipe('down', target, client)];
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Conditions of this connection alone; delays add to those of the line, the narrower bandwidth holds. */
  change(conditions: Partial<Conditions>): void {
    this.#own = { ...this.#own, ...conditions };
  }

  /** Half-open from now on, for ever: each end closes by itself or not at all. */
  swallow(): void {
    this.#isSilent = true;
    for (const pipe of this.#pipes) pipe.fallSilent();
  }

  reset(): void {
    if (this.#hasEnded) return;
    this.#parts.onCut();
    for (const { source } of this.#pipes) source.resetAndDestroy();
    this.#end();
  }

  destroy(): void {
    for (const { source } of this.#pipes) source.destroy();
    this.#end();
  }

  #pipe(direction: Direction, source: net.Socket, sink: net.Socket): Pipe {
    const pipe = new Pipe(source, sink, {
      sliceBytes: () => this.#sliceBytes(),
      dueAt: (bytes) => this.#dueAt(direction, bytes),
      mayPass: (bytes) => this.#mayPass(direction, bytes),
    });
    source.on('close', () => {
      // A silent network tells nobody that the other end is gone.
      if (this.#isSilent) {
        if (this.#pipes.every((one) => one.source.destroyed)) this.#end();
      } else if (!pipe.hasEnded) this.#abort();
      else if (this.#pipes.every((one) => one.source.destroyed)) this.#end();
    });
    source.on('error', () => undefined);
    return pipe;
  }

  #sliceBytes(): number {
    const line = this.#parts.line();
    const isPaced = line.bytesPerSecond !== null || this.#own.bytesPerSecond !== null;
    return Math.min(
      line.sliceBytes ?? (isPaced ? PACED_SLICE_BYTES : Number.MAX_SAFE_INTEGER),
      this.#own.sliceBytes ?? (isPaced ? PACED_SLICE_BYTES : Number.MAX_SAFE_INTEGER),
    );
  }

  /** When a slice that came in now has arrived. */
  #dueAt(direction: Direction, bytes: number): number {
    const line = this.#parts.line();
    const jitterMs = (line.jitterMs + this.#own.jitterMs) * this.#parts.random.fraction();
    const rate = this.#own.bytesPerSecond;
    const pacedAt = rate === null ? 0 : this.#pipes[direction === 'up' ? 0 : 1].reserve(bytes, rate);
    const sentAt = Math.max(this.#parts.reserve(direction, bytes), pacedAt);
    return sentAt + line.latencyMs + this.#own.latencyMs + jitterMs;
  }

  /** Counts what is about to pass. @returns false when the connection was cut in its place */
  #mayPass(direction: Direction, bytes: number): boolean {
    const line = this.#parts.line();
    const limit = Math.min(
      line.cutAfterBytes ?? Number.MAX_SAFE_INTEGER,
      this.#own.cutAfterBytes ?? Number.MAX_SAFE_INTEGER,
    );
    const chance = Math.max(line.cutChance, this.#own.cutChance);
    if (this.#carried + bytes > limit || (chance > 0 && this.#parts.random.fraction() < chance)) {
      this.reset();
      return false;
    }
    this.#carried += bytes;
    this.#parts.onBytes(direction, bytes);
    return true;
  }

  /** One end is gone without having said so: the other learns it the same way. */
  #abort(): void {
    if (this.#hasEnded) return;
    for (const { source } of this.#pipes) if (!source.destroyed) source.resetAndDestroy();
    this.#end();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const pipe of this.#pipes) pipe.stop();
    this.#parts.onEnd();
  }
}

interface PipeParts {
  sliceBytes(): number;
  dueAt(bytes: number): number;
  mayPass(bytes: number): boolean;
}

/** One direction: slices in order, each passed on when it is due. */
class Pipe {
  readonly source: net.Socket;
  readonly #sink: net.Socket;
  readonly #parts: PipeParts;
  #slices: Slice[] = [];
  #buffered = 0;
  #timer: NodeJS.Timeout | undefined;
  #freeAt = 0;
  #lastDueAt = 0;
  #isBlocked = false;
  #isSilent = false;
  #isStopped = false;
  /** The source said that nothing more comes. */
  hasEnded = false;

  constructor(source: net.Socket, sink: net.Socket, parts: PipeParts) {
    this.source = source;
    this.#sink = sink;
    this.#parts = parts;
    source.setNoDelay(true);
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => {
      this.hasEnded = true;
      this.#pump();
    });
    sink.on('drain', () => {
      this.#isBlocked = false;
      this.#pump();
    });
  }

  /** @returns when this direction alone has carried these bytes at this rate */
  reserve(bytes: number, bytesPerSecond: number): number {
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + (bytes / bytesPerSecond) * 1000;
    return this.#freeAt;
  }

  fallSilent(): void {
    this.#isSilent = true;
    this.#slices = [];
    this.source.resume();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#slices = [];
  }

  #take(chunk: Buffer): void {
    if (this.#isSilent || this.#isStopped) return;
    const size = this.#parts.sliceBytes();
    for (let start = 0; start < chunk.length; start += size) {
      const bytes = chunk.subarray(start, start + size);
      this.#lastDueAt = Math.max(this.#lastDueAt, this.#parts.dueAt(bytes.length));
      this.#slices.push({ bytes, dueAt: this.#lastDueAt });
      this.#buffered += bytes.length;
    }
    if (this.#buffered > BUFFER_BYTES) this.source.pause();
    this.#pump();
  }

  #pump(): void {
    if (this.#isStopped || this.#isSilent || this.#isBlocked) return;
    clearTimeout(this.#timer);
    for (;;) {
      const slice = this.#slices[0];
      if (slice === undefined) break;
      const waitMs = slice.dueAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), Math.ceil(waitMs));
        return;
      }
      this.#slices.shift();
      this.#buffered -= slice.bytes.length;
      if (!this.#parts.mayPass(slice.bytes.length)) return;
      if (this.#buffered <= BUFFER_BYTES && this.source.isPaused()) this.source.resume();
      if (!this.#sink.write(slice.bytes)) {
        this.#isBlocked = true;
        return;
      }
    }
    if (this.hasEnded && !this.#sink.writableEnded) this.#sink.end();
  }
}
