import type { Socket } from 'socket.io';
import type { ErrorBody } from '../../shared/errors.ts';
import type { FromRelay, Packed } from '../../shared/relay-protocol/from-relay.ts';
import type { AgentConnection } from './agent-connection.ts';
import { messageText } from './message-text.ts';
import type { PackedTexts } from './packed-texts.ts';

/** The parts of Engine.IO's socket that tell what has not gone out yet. */
interface EngineSocket {
  writeBuffer: { data?: string | Buffer }[];
  transport: { writable: boolean; socket?: { bufferedAmount?: number } };
}

/** Packet type of an event in Socket.IO's protocol. */
const EVENT = '2';

/** A console behind a Socket.IO socket. */
export function createSocketConnection(socket: Socket, packedTexts: PackedTexts): AgentConnection {
  // As Socket.IO writes an event itself, without its search for binary parts and its own making of the text.
  const sendText = (name: string, text: string): void => {
    if (socket.connected) socket.conn.send(`${EVENT}${socket.nsp.name},["${name}",${text}]`);
  };
  return {
    send: (name, message) => sendText(name, messageText(name, message)),
    sendPacked: (name, message) => {
      // Without the session, what goes to many consoles is the same text.
      const { session, ...rest } = message;
      const text = messageText(name, rest as typeof message);
      const bytes = packedTexts.pack(text);
      if (bytes === null) {
        sendText(name, `{"session":"${session}",${text.slice(1)}`);
        return text.length;
      }
      const packed: Packed = { name, session, bytes };
      socket.emit('packed', packed);
      return bytes.length;
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
