import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Frame, LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { FrameBytes } from './frame-bytes.ts';

const event = (seq: number, text: string): LoggedEvent => ({
  ...{ seq, at: 1, actor: 'agent:lan', commandId: 'c' },
  changes: [{ index: 0, subject: 'conversation:a', type: 'note-added', v: 1, data: { text } }],
});
const shared = event(2, '"đơn" 😀');
const session = (digit: number): string => `0199c000-0000-7000-8000-00000000000${digit}`;
const frame = (digit: number, fields: Partial<Frame> = {}): Frame => ({
  ...{ session: session(digit), from: 1, to: 2, leave: [], enter: [], events: [shared], isCatchUp: false },
  ...fields,
});

test('a console gets its own frame, whoever got the same before', async () => {
  const frames: Frame[] = [
    frame(1),
    frame(2),
    frame(3, { from: 0 }),
    frame(4, { to: 3 }),
    frame(5),
    frame(6, { wantsCredit: true }),
    frame(6, { still: 1 }),
    frame(7, { still: 2 }),
    frame(7, { leave: ['conversation:b'] }),
    frame(8, { leave: ['conversation:c'] }),
    frame(9, { events: [event(2, 'khác')] }),
    frame(1, { events: [] }),
    frame(2, { isCatchUp: true, events: [] }),
    frame(3, { events: [event(2, 'x'.repeat(200))] }),
    frame(4, { events: [event(2, 'đ'.repeat(70_000))] }),
    frame(5),
  ];
  const encoder = new FrameBytes('', '');
  expect(await readBack(frames.map((one) => bytesOf(encoder, one)))).toEqual(frames);
});

test('bytes that a socket still needs are not used for the next console', () => {
  const encoder = new FrameBytes('', '');
  const sent: Buffer[] = [];
  for (const needs of [false, true, true, false, false]) {
    encoder.send(frame(sent.length), { takeBytes: (bytes) => sent.push(bytes) > 0 && needs });
  }
  // The first serves again for the second, whose socket keeps it; the third's is kept as well; the others share one.
  expect(sent.map((bytes) => sent.indexOf(bytes))).toEqual([0, 0, 2, 3, 3]);
  const sessions = sent.map((bytes) => (JSON.parse(String(bytes.subarray(4))) as Frame).session);
  expect(sessions).toEqual([1, 1, 2, 4, 4].map(session));
});

test('what goes around a frame is part of the message', async () => {
  const encoder = new FrameBytes('42/agent,["frame",', ']');
  const tiny = new FrameBytes('[', ']');
  const [first, second] = await readTexts([bytesOf(encoder, frame(1)), bytesOf(tiny, frame(2))]);
  expect(first).toBe(`42/agent,["frame",${JSON.stringify(frame(1))}]`);
  expect(JSON.parse(second!)).toEqual([frame(2)]);
});

/** As a socket that is slow has them. */
function bytesOf(encoder: FrameBytes, one: Frame): Buffer {
  let sent: Buffer | null = null;
  encoder.send(one, {
    takeBytes: (bytes) => {
      sent = bytes;
      return true;
    },
  });
  return sent!;
}

async function readBack(messages: Buffer[]): Promise<Frame[]> {
  return (await readTexts(messages)).map((text) => JSON.parse(text) as Frame);
}

/** What a WebSocket client reads of the bytes: the server here only shakes hands. */
async function readTexts(messages: Buffer[]): Promise<string[]> {
  const server = createServer((socket) => {
    socket.once('data', (request) => {
      const key = /sec-websocket-key: (.*)\r/i.exec(String(request))![1]!;
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
      socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
      for (const message of messages) socket.write(message);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const texts: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data) => {
      texts.push(String(data));
      if (texts.length === messages.length) resolve();
    });
  });
  client.terminate();
  server.close();
  return texts;
}
