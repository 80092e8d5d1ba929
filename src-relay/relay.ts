import { hkdfSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { Server as SocketServer } from 'socket.io';
import { type SubjectRef, parseSubjectRef, subjectRef } from '../shared/domain/subject/subject-kind.ts';
import { AppError, toErrorBody } from '../shared/errors.ts';
import type { Clock, Random } from '../shared/primitives/clock.ts';
import type { Ephemeral } from '../shared/domain/presence/ephemeral.ts';
import { registerAdminRoutes } from './admin/register-admin-routes.ts';
import { registerAccountPage } from './auth/account-page.ts';
import { registerAuthRoutes } from './auth/auth-routes.ts';
import { type Auth, createAuth } from './auth/auth.ts';
import { createBackup } from './backup/create-backup.ts';
import { withEpochs } from './backup/erased-list.ts';
import { followBackups } from './backup/follow-backups.ts';
import { createChannelHost } from './channel-host.ts';
import type { ChannelAdapter } from './channels/channel.ts';
import type { WidgetNamespace } from './channels/web-chat/socket-events.ts';
import { createWebChatAdministration } from './channels/web-chat/web-chat-administration.ts';
import { createWebChatStore } from './channels/web-chat/web-chat-store.ts';
import { createWebChat } from './channels/web-chat/web-chat.ts';
import { createDeliveryWorker } from './delivery/delivery-worker.ts';
import { createTimerReactor } from './desk/timer-reactor.ts';
import { createEraser } from './eraser.ts';
import type { EventLog } from './event-log/event-log.ts';
import { scrubDatabase } from './event-log/open-relay-database.ts';
import { migratePart } from './event-log/schema-migrations.ts';
import { openSqliteEventLog } from './event-log/sqlite-event-log.ts';
import { createFileRights } from './files/file-rights.ts';
import { registerFileRoutes } from './files/file-routes.ts';
import { DEFAULT_FILE_LIMITS, createFileStore } from './files/file-store.ts';
import { openGateway } from './gateway/gateway.ts';
import { startHousekeeping } from './housekeeping.ts';
import { answerErrors, sendErrorBody } from './http/answer-errors.ts';
import { listeningUrl } from './http/listening-url.ts';
import { registerOperationsRoutes } from './http/operations-routes.ts';
import { addSecurityHeaders, setSecurityHeaders } from './http/security-headers.ts';
import { trackConnections } from './http/track-connections.ts';
import { measureSubmissions } from './metrics/measure-submissions.ts';
import { createRelayMetrics } from './metrics/relay-metrics.ts';

/** How long connections may take to end by themselves when the relay stops. */
const CLOSING_MS = 1500;
const BODY_LIMIT_BYTES = 1024 * 1024;
/** A request that has not come whole by then never will: the largest file over the slowest line takes less. */
const REQUEST_MS = 10 * 60 * 1000;
/** The largest message a console or widget may send over its socket (SYNC-N2). */
const SOCKET_LIMIT_BYTES = 1024 * 1024;

export interface RelayParts {
  /** Of `openRelayDatabase`; the caller closes it after the relay. */
  database: Database;
  filesFolder: string;
  /** 32 bytes that outlive a restart; keys for tokens are made from it. */
  signingKey: Uint8Array;
  /** The built widget. */
  widgetFolder: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  version: string;
  /** Lets others than this machine read `/metrics`; null: nobody else. */
  metricsToken: string | null;
  /** Addresses or networks of proxies whose word about the client's address is taken; empty: nobody's. */
  trustedProxies: string[];
  tls: { cert: Buffer; key: Buffer } | null;
  /** Bearer token with which whoever may read the data folder administers the relay. */
  adminToken: string;
  /** Where backups go that name no folder. */
  backupsFolder: string;
  /** Under which agents and customers reach the relay; null: the address it listens on. */
  publicUrl: string | null;
}

export interface Relay {
  readonly app: FastifyInstance;
  readonly eventLog: EventLog;
  readonly auth: Auth;
  /** Begins to serve. @returns the port. @throws Error of `listen`, such as EADDRINUSE */
  listen(address: { host: string; port: number }): Promise<number>;
  /** Finishes what is under way, sends everyone away and stops. */
  close(): Promise<void>;
}

/** Puts the relay together from its parts. Nothing runs or is served before `listen`. */
export async function createRelay(parts: RelayParts): Promise<Relay> {
  const { database, clock, random, logger, version } = parts;
  let isReady = false;
  let ownUrl = '';
  let stopHousekeeping = (): Promise<void> => Promise.resolve();

  const app = createApp(parts);
  const io = new SocketServer(app.server, {
    transports: ['websocket'],
    perMessageDeflate: false,
    maxHttpBufferSize: SOCKET_LIMIT_BYTES,
    serveClient: false,
  });
  // Socket.IO's own namespace asks nobody who they are: it would keep whatever comes, as often as it comes.
  io.use((_socket, next) => next(new Error('nothing is here')));

  const closeConnections = trackConnections(app.server);
  const channels = new Map<string, ChannelAdapter>();
  const files = createFileStore({
    folder: parts.filesFolder,
    database,
    clock,
    random,
    limits: DEFAULT_FILE_LIMITS,
  });
  const rights = createFileRights({ files, eventLog: () => eventLog });
  const metrics = createRelayMetrics({
    countSessions: () => gateway.countSessions(),
    head: () => eventLog.head(),
    countOpenDeliveries: () => eventLog.deliveries.countOpen(),
  });
  const sqliteLog = openSqliteEventLog({
    database,
    clock,
    random,
    logger,
    hasFile: (fileId, by) => rights.mayAttach(fileId, by),
    plan: (kind, message) => channels.get(kind)?.plan(message) ?? [message],
    listSame: (subject) => listSame(channels, subject),
  });
  const eventLog = measureSubmissions(sqliteLog, clock, metrics.observeAppend);
  const auth = createAuth({ database, eventLog, clock, random, signingKey: deriveKey('access-tokens'), logger });

  const showToCustomer = (ephemeral: Ephemeral): void => {
    for (const channel of channels.values()) channel.showEphemeral?.(ephemeral);
  };
  const gateway = await openGateway({
    io,
    eventLog,
    auth,
    clock,
    random,
    logger,
    showToCustomer,
    observeFanOut: metrics.observeFanOut,
    doubtDeliveries: () => delivery.doubtQueued(),
  });

  const delivery = createDeliveryWorker({ eventLog, channels, clock, random, logger });
  const host = createChannelHost({
    ...{ eventLog, files, gateway, delivery },
    forgottenUpTo: () => eraser.forgottenUpTo(),
  });
  const webChatStore = createWebChatStore({
    database,
    random,
    migrate: (part, steps) => migratePart(database, part, steps),
  });
  const webChat = createWebChat({
    host,
    store: webChatStore,
    app,
    widgetNamespace: io.of('/widget') as WidgetNamespace,
    clock,
    random,
    signingKey: deriveKey('web-chat-visitors'),
    distFolder: parts.widgetFolder,
    logger,
  });
  channels.set(webChat.kind, countOutcomes(webChat, metrics.countDelivery));
  const timers = createTimerReactor({ eventLog, clock, logger });
  const eraser = createEraser({
    ...{ eventLog, channels, files, clock, logger },
    remember: (erased) => followBackups(parts.backupsFolder, withEpochs(erased, eventLog.lineages()), logger),
    scrub: () => scrubDatabase(database),
  });

  registerAuthRoutes(app, { auth });
  registerAccountPage(app);
  registerAdminRoutes(app, {
    eventLog,
    auth,
    webChat: createWebChatAdministration(webChatStore),
    createBackup: (to) =>
      createBackup({
        database,
        filesFolder: parts.filesFolder,
        signingKey: parts.signingKey,
        backupsFolder: parts.backupsFolder,
        to: to ?? path.join(parts.backupsFolder, new Date(clock.now()).toISOString().replace(/[:.]/g, '-')),
        version,
        clock,
      }),
    finishErasing: () => eraser.finish(),
    clock,
    random,
    adminToken: parts.adminToken,
    publicUrl: () => parts.publicUrl ?? ownUrl,
    version,
  });
  registerFileRoutes(app, {
    files,
    verifyAccessToken: (token) => auth.verifyAccessToken(token),
    mayRead: (agentId, fileId) => rights.mayRead(agentId, fileId),
  });
  const { metricsToken } = parts;
  registerOperationsRoutes(app, {
    metrics,
    metricsToken,
    version,
    head: () => eventLog.head(),
    isReady: () => isReady,
  });

  function deriveKey(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', parts.signingKey, '', `liendesk ${purpose}`, 32));
  }

  return {
    app,
    eventLog,
    auth,
    listen: async ({ host: hostname, port }) => {
      // Before anybody is let in, and before channels take up what they were at.
      eraser.start();
      await eraser.finish();
      await app.listen({ host: hostname, port });
      const { port: actualPort } = app.server.address() as AddressInfo;
      ownUrl = listeningUrl(hostname, actualPort, parts.tls !== null);
      for (const channel of channels.values()) await channel.start();
      delivery.start();
      timers.start();
      stopHousekeeping = startHousekeeping({ eventLog, auth, channels, files, clock, logger });
      isReady = true;
      return actualPort;
    },
    close: async () => {
      isReady = false;
      await stopHousekeeping();
      await gateway.close();
      await timers.stop();
      await eraser.stop();
      await delivery.stop();
      for (const channel of channels.values()) await channel.stop();
      const cancel = clock.after(CLOSING_MS, closeConnections);
      await io.close();
      await app.close();
      cancel();
      auth.close();
      await eventLog.close();
    },
  };
}

/** Subjects that are the same person, by what the channels know. */
function listSame(channels: ReadonlyMap<string, ChannelAdapter>, subject: SubjectRef): SubjectRef[] {
  const { kind, id } = parseSubjectRef(subject);
  const ids = [...channels.values()].flatMap((channel) => channel.listSame?.(kind, id) ?? []);
  return [...new Set(ids)].map((one) => subjectRef(kind, one));
}

/** The same channel, with what came of each attempt counted. */
function countOutcomes(channel: ChannelAdapter, count: (channelId: string, outcome: string) => void): ChannelAdapter {
  return {
    ...channel,
    send: async (part, key) => {
      const result = await channel.send(part, key);
      count(part.channelId, result.ok ? 'sent' : result.outcome);
      return result;
    },
  };
}

function createApp({ logger, trustedProxies, tls }: RelayParts): FastifyInstance {
  const app = fastify({
    loggerInstance: logger,
    // Addresses may carry what is secret, such as the link of a survey.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_MS,
    trustProxy: trustedProxies.length === 0 ? false : trustedProxies,
    forceCloseConnections: true,
    // An address that is no address is met before any hook and error handler.
    frameworkErrors: (error, _request, reply) => {
      addSecurityHeaders(reply, tls !== null);
      const refusal = new AppError('invalid', error.message, { reason: 'malformed-request', cause: error });
      void sendErrorBody(reply, toErrorBody(refusal, 'relay'));
    },
    ...(tls === null ? {} : { https: tls }),
  }) as unknown as FastifyInstance;
  answerErrors(app);
  setSecurityHeaders(app, tls !== null);
  return app;
}
