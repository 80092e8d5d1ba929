import type { Readable, Writable } from 'node:stream';
import { type FromCoreFrame, type Port, type ToCoreFrame, toCoreFrameSchema } from '../../shared/core-api/port.ts';
import { makeErrorBody } from '../../shared/errors.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';

/**
 * A port over two streams, one JSON object a line. A line that is no frame is answered with an error and skipped.
 * Ends with its input.
 */
export function openLinePort(input: Readable, output: Writable): Port<FromCoreFrame, ToCoreFrame> {
  const frames = new Subscribable<ToCoreFrame>();
  const closes = new Subscribable<void>();
  const send = (frame: FromCoreFrame): void => {
    output.write(`${toLine(frame)}\n`);
  };
  const take = (line: string): void => {
    if (line.trim() === '') return;
    const frame = parse(line);
    if (frame === null) {
      const message = 'A line must be one JSON object: {"id":1,"request":"name","input":{}}.';
      send({
        id: idIn(line),
        ok: false,
        error: makeErrorBody('invalid', 'host', message, { reason: 'malformed-frame' }),
      });
    } else frames.publish(frame);
  };
  let rest = '';
  input.setEncoding('utf8');
  // Not by readline, which also ends a line at U+2028 and U+2029: JSON may have them within a string.
  input.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  input.on('end', () => {
    take(rest);
    closes.publish();
  });
  return {
    send,
    onFrame: (listener) => frames.subscribe(listener),
    onClose: (listener) => closes.subscribe(listener),
    close: () => {
      input.destroy();
      closes.publish();
    },
  };
}

/** Whoever reads lines by another idea of what ends one shall not be misled either. */
function toLine(frame: FromCoreFrame): string {
  return JSON.stringify(frame).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function parse(line: string): ToCoreFrame | null {
  try {
    return toCoreFrameSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** The id of a frame that is otherwise wrong, so that whoever asked learns of it; 0 where there is none. */
function idIn(line: string): number {
  const found = /"id"\s*:\s*(\d{1,15})/u.exec(line);
  return found === null ? 0 : Number(found[1]);
}
