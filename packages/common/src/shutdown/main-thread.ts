import { BroadcastChannel, MessageChannel, type MessagePort, postMessageToThread } from 'node:worker_threads';
import { type Closing, closePhase, LAST_CHANCE_MS } from './order.ts';
import { type ShutdownPhase, sayLastWords } from './parts.ts';
import { KNOCK, MAIN_IS_HERE, type ToMain, type ToWorker } from './thread-messages.ts';

/** The tie of a worker thread to the shutdown of the main thread. */
export interface MainThread {
  /** Whether the main thread's shutdown is closing hooks of this thread. */
  readonly isClosing: boolean;
  /** Tells the main thread that there is more to close. */
  sayMore(): void;
  /** Tells the main thread that this thread's own end has closed its hooks. */
  sayBye(): void;
  /** Unties: no hooks are left. */
  leave(): void;
}

/**
 * Has the hooks of this worker thread closed with the main thread's shutdown. Keeps neither of them alive.
 *
 * When the main thread has not loaded this package, nothing hears the introduction; once it loads it, it says so, and the
 * introduction is repeated.
 *
 * @param closing The hooks of this thread.
 * @param onClosed Called when a phase of the main thread's shutdown is over for this thread.
 */
export function joinMainThread(closing: Closing, onClosed: () => void): MainThread {
  let port: MessagePort | undefined;
  let isWelcome = false;

  async function introduce(): Promise<void> {
    if (isWelcome || typeof postMessageToThread !== 'function') {
      return;
    }
    port?.close();
    const { port1, port2 } = new MessageChannel();
    port = port1;
    port1.on('message', (message: ToWorker) => onMessage(port1, message));
    port1.unref();
    try {
      await postMessageToThread(0, { [KNOCK]: port2 }, [port2]);
    } catch {
      // Nobody there heard it.
      port1.close();
    }
  }

  const limits = new Map<number, AbortController>();
  function onMessage(from: MessagePort, message: ToWorker): void {
    switch (message.type) {
      case 'welcome':
        isWelcome = true;
        break;
      case 'close':
        void close(from, message.id, message.phase);
        break;
      case 'abort':
        limits.get(message.id)?.abort(new Error('The main thread gives this phase no more time'));
        break;
      case 'lastWords':
        sayLastWords(closing.parts);
        Atomics.sub(message.waiting, 0, 1);
        Atomics.notify(message.waiting, 0);
        break;
    }
  }

  async function close(from: MessagePort, id: number, phase: ShutdownPhase): Promise<void> {
    const limit = new AbortController();
    limits.set(id, limit);
    // Alive while it closes; between two phases this thread may end by itself, and then closes the rest at once.
    from.ref();
    const late = Promise.withResolvers<boolean>();
    limit.signal.addEventListener('abort', () => setTimeout(() => late.resolve(false), LAST_CHANCE_MS), { once: true });
    const isComplete = await Promise.race([closePhase(closing, phase, limit.signal), late.promise]);
    say({ type: 'closed', id, isComplete });
    limits.delete(id);
    if (limits.size === 0) {
      from.unref();
      onClosed();
    }
  }

  const say = (message: ToMain) => port?.postMessage(message);
  const channel = new BroadcastChannel(MAIN_IS_HERE);
  channel.onmessage = () => void introduce();
  channel.unref();
  void introduce();
  return {
    get isClosing() {
      return limits.size > 0;
    },
    sayMore: () => say({ type: 'more' }),
    sayBye: () => say({ type: 'bye' }),
    leave() {
      channel.close();
      say({ type: 'bye' });
      port?.close();
    },
  };
}
