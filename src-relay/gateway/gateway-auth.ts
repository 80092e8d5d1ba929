/** What the gateway needs of whoever signs agents in. */
export interface GatewayAuth {
  /** Whose token it is. `sessionId` is the sign-in, which can be revoked. @throws AppError `unauthenticated` */
  verifyAccessToken(token: string): Promise<{ agentId: string; sessionId: string }>;
  /** Told when a sign-in, or everything of an agent, ends before its time. @returns its own undo */
  onRevoked(listener: (revoked: { sessionId?: string; agentId?: string }) => void): () => void;
}
