import type { AddressInfo } from 'node:net';
import BetterSqlite3 from 'better-sqlite3';
import { WebSocketServer } from 'ws';
import { serveCalls } from '../processes/child-calls.ts';
import { readUsage } from '../processes/read-usage.ts';
import { ANSWER } from '../swarm/plain-peer.ts';
import type { AnchorCalls } from './anchor-calls.ts';

serveCalls({
  broadcast: () =>
    listen((server, data) => {
      const text = String(data);
      for (const client of server.clients) client.send(text);
    }),
  commitAndAnswer: ({ file }) => {
    const database = new BetterSqlite3(file);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.exec('CREATE TABLE said (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
    const insert = database.prepare('INSERT INTO said (text) VALUES (?)');
    return listen((_server, data, reply) => {
      const text = String(data);
      insert.run(text);
      reply(`${ANSWER}${text}`);
    });
  },
  usage: ({ isCollected }) => readUsage(isCollected),
} satisfies AnchorCalls);

function listen(
  onMessage: (server: WebSocketServer, data: unknown, reply: (text: string) => void) => void,
): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    socket.on('message', (data) => onMessage(server, data, (text) => socket.send(text)));
  });
  return new Promise((resolve) => {
    server.once('listening', () => resolve(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
