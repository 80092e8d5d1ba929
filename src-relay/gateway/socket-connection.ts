import type { Socket } from 'socket.io';
import type { ErrorBody } from '../../shared/errors.ts';
import type { FromRelay, Packed } from '../../shared/relay-protocol/from-relay.ts';
import type { AgentConnection } from './agent-connection.ts';
import { messageText } from './message-text.ts';
import type { PackedTexts } from './packed-texts.ts';

/** The parts of Engine.IO's socket that tell what has not gone out yet, and the WebSocket below it. */
interface EngineSocket {
  readyState: string;
  writeBuffer: { data?: string | Buffer }[];
  transport: { name: string; socket?: { bufferedAmount?: number; send?(text: string): void } };
}

/** Packet type of a message in Engine.IO's protocol. */
const MESSAGE = '4';

/** Packet type of an event in Socket.IO's protocol. */
const EVENT = '2';

/** A console behind a Socket.IO socket. */
export function createSocketConnection(socket: Socket, packedTexts: PackedTexts): AgentConnection {
  // As Socket.IO writes an event itself, without its search for binary parts and its own making of the text.
  const sendText = (name: string, text: string): void => {
    if (!socket.connected) return;
    const packet = `${EVENT}${socket.nsp.name},["${name}",${text}]`;
    const engine = socket.conn as unknown as EngineSocket;
    const webSocket = engine.transport.name === 'websocket' ? engine.transport.socket : undefined;
    // Nothing waits above the WebSocket, which keeps the order: straight to it. Engine.IO's own way there, with its
    // buffer, its events and a callback for each, is as much work again as the sending.
    if (webSocket?.send !== undefined && engine.readyState === 'open' && engine.writeBuffer.length === 0)
      webSocket.send(`${MESSAGE}${packet}`);
    else socket.conn.send(packet);
  };
  return {
    send: (name, message) => sendText(name, messageText(name, message)),
    sendPacked: (name, message) => {
      const { session } = message;
      // Without the session, what goes to many consoles is the same.
      const packing = packedTexts.pack(name, message);
      if ('text' in packing) {
        sendText(name, `{"session":"${session}",${packing.text.slice(1)}`);
        return packing.text.length;
      }
      const packed: Packed = { name, session, bytes: packing.bytes };
      socket.emit('packed', packed);
      return packing.bytes.length;
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
