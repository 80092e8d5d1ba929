/**
 * Where a console's connection is made. What goes over it is Socket.IO's protocol (version 5, on Engine.IO 4), by
 * WebSocket only, in one namespace.
 */
export const AGENT_SOCKET_PATH = '/agent-socket/';
export const AGENT_NAMESPACE = '/agent';
