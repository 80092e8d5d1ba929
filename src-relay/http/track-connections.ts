import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** @returns ends every connection of the server, also those that a web socket has taken over and nobody reads from */
export function trackConnections(server: Server): () => void {
  const connections = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return () => {
    for (const connection of connections) connection.destroy();
  };
}
