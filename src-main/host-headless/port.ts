import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
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
    output.write(`${JSON.stringify(frame)}\n`);
  };
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
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
  });
  lines.on('close', () => closes.publish());
  return {
    send,
    onFrame: (listener) => frames.subscribe(listener),
    onClose: (listener) => closes.subscribe(listener),
    close: () => lines.close(),
  };
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
