/**
 * The signals that a shutdown answers to. SIGHUP comes when the terminal closes; on Windows it, and SIGBREAK, could not be
 * raised again, so that their default action stays there.
 */
export const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGTERM', 'SIGINT'] : ['SIGTERM', 'SIGINT', 'SIGHUP'];

/**
 * A second signal of the same name within this time is taken for an echo of the first: Ctrl-C reaches a process from the
 * terminal and again from a parent that passes signals on, as npm does.
 */
export const ECHO_MS = 1_000;

/** Number of the shape of the shutdown state. Two shapes in one process have two states and two sets of listeners. */
export const STATE_VERSION = 2;

/**
 * What every shape of the state has kept, and must keep, under its own number for the others: its listeners, and the
 * shutdown that runs. Each shape closes its own parts on a signal, and does not count the others among those who decide.
 * When all have closed, the first of them to see it raises the signal again.
 */
interface OtherShape {
  readonly listeners: { signal(signal: NodeJS.Signals): void; exit(): void };
  readonly state: { readonly running: Promise<unknown> | undefined } | undefined;
}

const LISTENERS = /^@azureml-ts\/shutdown-listeners@(\d+)$/;

/** The other shapes that listen to a signal too. */
function otherShapes(signal: NodeJS.Signals): OtherShape[] {
  const holder = globalThis as { [key: symbol]: unknown };
  const present = process.listeners(signal);
  return Object.getOwnPropertySymbols(holder).flatMap((key) => {
    const version = LISTENERS.exec(Symbol.keyFor(key) ?? '')?.[1];
    if (version === undefined || Number(version) === STATE_VERSION) {
      return [];
    }
    const listeners = holder[key] as OtherShape['listeners'];
    const state = holder[Symbol.for(`@azureml-ts/shutdown@${version}`)] as OtherShape['state'];
    return present.includes(listeners.signal) ? [{ listeners, state }] : [];
  });
}

/**
 * Listeners that only watch: the package signal-exit, below many others, raises a signal again once it is the only one
 * left. Counted as somebody who decides, it and we would wait for each other.
 */
function watchers(): number {
  const emitters: unknown[] = [
    (process as { __signal_exit_emitter__?: unknown }).__signal_exit_emitter__,
    (globalThis as { [key: symbol]: unknown })[Symbol.for('signal-exit emitter')],
  ];
  return emitters
    .map((emitter) => (emitter as { count?: unknown } | undefined)?.count)
    .reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
}

/**
 * Whether it is up to this package what a signal does in the end, and not up to handlers of the process itself.
 *
 * Asked at once, and by the first listener: one that was added with `once` is gone from the list when it has run.
 */
export function isOursToDecide(signal: NodeJS.Signals): boolean {
  return process.listenerCount(signal) - watchers() - otherShapes(signal).length <= 1;
}

/** Waits until other shapes have closed what they have to, on the same signal. */
export async function otherShapesClosed(signal: NodeJS.Signals): Promise<void> {
  await Promise.allSettled(otherShapes(signal).map(({ state }) => state?.running));
}

/**
 * Raises a signal again for its default action. The listener of this shape must be gone already.
 *
 * No `exit` follows: whoever has last words must have said them.
 */
export function raise(signal: NodeJS.Signals): void {
  for (const { listeners } of otherShapes(signal)) {
    listeners.exit();
    process.off(signal, listeners.signal);
  }
  process.kill(process.pid, signal);
}
