import { MessageChannel } from 'node:worker_threads';

/** Runs a task once what the present turn of the event loop has read is handled. */
export type AfterTurn = (task: () => void) => void;

/**
 * An `AfterTurn` on a message channel: comes after the sockets of a turn, so that their commands share one commit, and
 * without the millisecond a timer takes. Keeps the process alive only while a task waits.
 */
export function openTurnEnd(): { afterTurn: AfterTurn; close(): void } {
  const { port1, port2 } = new MessageChannel();
  let tasks: (() => void)[] = [];
  port1.on('message', () => {
    port1.unref();
    const due = tasks;
    tasks = [];
    for (const task of due) task();
  });
  port1.unref();
  return {
    afterTurn: (task) => {
      tasks.push(task);
      if (tasks.length > 1) return;
      port1.ref();
      port2.postMessage(null);
    },
    close: () => port1.close(),
  };
}
