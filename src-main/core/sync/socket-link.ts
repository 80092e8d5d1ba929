import { io } from 'socket.io-client';
import { errorBodySchema } from '../../../shared/errors.ts';
import { fromRelay } from '../../../shared/relay-protocol/from-relay.ts';
import type { ConnectRelay } from './relay-link.ts';

const CONNECT_TIMEOUT_MS = 15_000;

/** Connects by Socket.IO, used as a pipe: websocket only, no reconnection and no retries of its own. */
export const connectSocket: ConnectRelay = (relayUrl, accessToken, handlers) => {
  const socket = io(`${relayUrl.replace(/\/+$/u, '')}/agent`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    timeout: CONNECT_TIMEOUT_MS,
    auth: { token: accessToken },
  });
  let isOver = false;
  const end = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    const parsed = errorBodySchema.safeParse(error);
    handlers.onClose(parsed.success ? parsed.data : null);
  };
  socket.on('connect', () => {
    if (!isOver) handlers.onOpen();
  });
  socket.on('connect_error', (error) => {
    socket.disconnect();
    end((error as { data?: unknown }).data);
  });
  socket.on('disconnect', () => end(null));
  for (const name of [...Object.keys(fromRelay), 'packed']) {
    socket.on(name, (message: unknown) => {
      if (!isOver) handlers.onMessage(name, message);
    });
  }
  return {
    send: (name, message) => void socket.emit(name, message),
    close: () => {
      isOver = true;
      socket.disconnect();
    },
  };
};
