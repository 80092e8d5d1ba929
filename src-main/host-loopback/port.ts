import type { WebSocket } from 'ws';
import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { AppError, toErrorBody } from '../../shared/errors.ts';
import { type HostRequestName, hostRequests } from '../../shared/host-api/host-api.ts';
import { type HostRequestFrame, hostRequestFrameSchema } from '../../shared/host-api/host-frames.ts';
import type { CoreLine } from './core-child.ts';

/** A window that does not read what it is sent gets its socket closed before it fills this host's memory. */
const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;

export type HostFeatures = {
  [Name in HostRequestName]?: (input: never) => Promise<unknown>;
};

/** Joins one window's socket with its line to the core and with this host's own few requests. */
export function joinPort(
  socket: WebSocket,
  attach: (onFrame: (frame: FromCoreFrame) => void, onEnd: () => void) => CoreLine,
  features: HostFeatures,
): void {
  const send = (frame: unknown): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) socket.terminate();
    else socket.send(JSON.stringify(frame));
  };
  const line = attach(send, () => socket.close(1012, 'core ended'));
  socket.on('message', (data, isBinary) => {
    if (isBinary) {
      socket.close(1003, 'text only');
      return;
    }
    let frame: unknown;
    try {
      frame = JSON.parse(String(data as Buffer));
    } catch {
      socket.close(1007, 'not JSON');
      return;
    }
    const hostFrame = hostRequestFrameSchema.safeParse(frame);
    if (hostFrame.success) void answer(hostFrame.data, features).then(send);
    else line.send(frame);
  });
  socket.on('close', () => line.detach());
  socket.on('error', () => socket.terminate());
}

async function answer(frame: HostRequestFrame, features: HostFeatures): Promise<unknown> {
  try {
    const name = frame.host as HostRequestName;
    const feature = Object.hasOwn(features, name) ? features[name] : undefined;
    if (feature === undefined) {
      throw new AppError('unsupported', `This host cannot do "${frame.host}".`, { reason: 'host-cannot' });
    }
    const input = hostRequests[name].input.safeParse(frame.input ?? {});
    if (!input.success) throw new AppError('invalid', `Bad input for "${name}".`, { cause: input.error });
    return { id: frame.id, ok: true, output: await feature(input.data as never) };
  } catch (error) {
    return { id: frame.id, ok: false, error: toErrorBody(error, 'host') };
  }
}
