import type { Worker } from 'node:cluster';

/** What `node:cluster` sends beside the messages of programs. */
interface ClusterMessage {
  readonly cmd?: unknown;
  readonly act?: unknown;
  /** Number of a message that wants an answer. */
  readonly seq?: number;
  /** Number of the message that is answered. */
  readonly ack?: number;
}

/**
 * The connections that are on their way to one worker. `node:cluster` waits for the worker to say that it has one, and keeps
 * it open until then: when the process ends before, the client would wait for ever.
 *
 * Where another version of Node hands connections over in another way, nothing is seen here, and nothing is done.
 *
 * Source: lib/internal/cluster/round_robin_handle.js and primary.js, and lib/internal/child_process.js of Node 22 to 24.
 */
export class HandedConnections {
  readonly #child: Worker['process'];
  /** Numbers of the messages that they go with. */
  readonly #underWay = new Set<number>();

  /** @param worker The worker, from its start on. */
  constructor({ process: child }: Worker) {
    this.#child = child;
    const send = child.send.bind(child) as (...parts: unknown[]) => boolean;
    child.send = (message: unknown, ...rest: unknown[]) => {
      const { cmd, act, seq } = message as ClusterMessage;
      if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined) {
        this.#underWay.add(seq);
      }
      return send(message, ...rest);
    };
    child.on('internalMessage', ({ ack }: ClusterMessage) => {
      if (ack !== undefined) {
        this.#underWay.delete(ack);
      }
    });
  }

  /** Cuts those that are left when the process has ended and all that it said was heard: they end as those that it had. */
  cut(): void {
    if (this.#underWay.size === 0) {
      return;
    }
    // Left out by Node as long as something that was sent is not taken; by it, node:cluster learns to give no more.
    this.#child.emit('disconnect');
    for (const ack of [...this.#underWay]) {
      // What the worker would have said: the primary closes its end, the only one that is left.
      this.#child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: true });
    }
  }
}
