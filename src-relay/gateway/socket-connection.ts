import type { Socket } from 'socket.io';
import type { ErrorBody } from '../../shared/errors.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { AgentConnection } from './agent-connection.ts';
import { messageText } from './message-text.ts';

/** The parts of Engine.IO's socket that tell what has not gone out yet. */
interface EngineSocket {
  writeBuffer: { data?: string | Buffer }[];
  transport: { writable: boolean; socket?: { bufferedAmount?: number } };
}

/** Packet type of an event in Socket.IO's protocol. */
const EVENT = '2';

/** A console behind a Socket.IO socket. */
export function createSocketConnection(socket: Socket): AgentConnection {
  return {
    // As Socket.IO writes an event itself, without its search for binary parts and its own making of the text.
    send: (name, message) => {
      if (socket.connected) socket.conn.send(`${EVENT}${socket.nsp.name},["${name}",${messageText(name, message)}]`);
    },
    sendVolatile: (name, message) => void socket.volatile.emit(name, message),
    backlogBytes: () => {
      const { writeBuffer, transport } = socket.conn as unknown as EngineSocket;
      const inSocket = transport.socket?.bufferedAmount ?? 0;
      return writeBuffer.reduce((bytes, packet) => bytes + (packet.data?.length ?? 0), inSocket);
    },
    end: (afterMs: number, error: ErrorBody | null) => {
      const bye: FromRelay['bye'] = { afterMs, error };
      socket.emit('bye', bye);
      socket.disconnect(true);
    },
  };
}
