import type { Socket } from 'socket.io';
import type { ErrorBody } from '../../shared/errors.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { AgentConnection } from './agent-connection.ts';

/** The parts of Engine.IO's socket that tell what has not gone out yet. */
interface EngineSocket {
  writeBuffer: { data?: string | Buffer }[];
  transport: { writable: boolean; socket?: { bufferedAmount?: number } };
}

/** A console behind a Socket.IO socket. */
export function createSocketConnection(socket: Socket): AgentConnection {
  return {
    send: (name, message) => void socket.emit(name, message),
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
