import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors.ts';
import { PAGE_SECURITY_POLICY } from '../../shared/host-api/page-policy.ts';
import { Gate } from './gate.ts';
import { readStaticFile } from './static-files.ts';

const MAX_FRAME_BYTES = 4 * 1024 * 1024;

const SECURITY_HEADERS = {
  'Content-Security-Policy': PAGE_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

export interface LoopbackServer {
  /** With the token: whoever opens it is in. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves the console's pages and its port on 127.0.0.1, to the one browser that opens the printed address.
 * @param port 0 for any
 * @throws AppError `conflict` with reason `port-in-use`
 */
export async function startLoopbackServer(options: {
  port: number;
  token: string;
  /** Folder with the built pages. */
  pages: string;
  onSocket(socket: WebSocket): void;
}): Promise<LoopbackServer> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const port = await listen(server, options.port);
  const gate = new Gate(options.token, port);

  server.on('request', (request, response) => {
    serve(gate, options.pages, request, response).catch(() => {
      if (!response.headersSent) answer(response, 500, 'Something went wrong.');
      else response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const isWelcome =
      addressOf(request)?.pathname === '/port' &&
      gate.isOwnHost(request) &&
      gate.isOwnSocket(request) &&
      gate.hasCookie(request);
    if (!isWelcome) refuseUpgrade(socket);
    else sockets.handleUpgrade(request, socket, head, (webSocket) => options.onSocket(webSocket));
  });

  return {
    url: `http://127.0.0.1:${port}/?token=${options.token}`,
    close: async () => {
      for (const socket of sockets.clients) socket.close(1001, 'closing');
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function serve(gate: Gate, pages: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!gate.isOwnHost(request) || !gate.isOwnOrigin(request)) {
    answer(response, 403, 'This address serves one console on this machine only.');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answer(response, 405, 'Only GET.');
    return;
  }
  const url = addressOf(request);
  if (url === null) {
    answer(response, 400, 'This is no address.');
    return;
  }
  const token = url.searchParams.get('token');
  if (token !== null && gate.isToken(token)) {
    // The address with the token does not stay in the address bar.
    response.writeHead(303, {
      ...SECURITY_HEADERS,
      'Set-Cookie': gate.cookieHeader,
      Location: '/',
      'Cache-Control': 'no-store',
    });
    response.end();
    return;
  }
  if (!gate.hasCookie(request)) {
    answer(
      response,
      401,
      'Open the address that Liendesk printed when it started; it carries the key to this console.',
    );
    return;
  }
  const file = await readStaticFile(pages, url.pathname);
  if (file === null) {
    answer(response, 404, 'There is nothing here.');
    return;
  }
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': file.mediaType,
    'Content-Length': file.content.length,
    'Cache-Control': file.isImmutable ? 'private, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : file.content);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
  });
  response.end(`${text}\n`);
}

function refuseUpgrade(socket: Duplex): void {
  // Whoever goes away without waiting for the answer must not end this process either.
  socket.on('error', () => socket.destroy());
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/** Null for what is none, such as `//`: any page in the browser can ask for that, and must not end this process by it. */
function addressOf(request: IncomingMessage): URL | null {
  return URL.parse(request.url ?? '/', 'http://127.0.0.1');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === 'EADDRINUSE' || cause.code === 'EACCES';
      reject(
        isTaken
          ? new AppError('conflict', `Port ${port} is in use; choose another with --port N (0 for any).`, {
              reason: 'port-in-use',
              cause,
            })
          : cause,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}
