import { processSingleton } from '@azureml-ts/common';

/** Where an error that nobody caught came from; Node's names. @internal */
export type UncaughtOrigin = 'uncaughtException' | 'unhandledRejection';

/** The part of started telemetry that hears of errors that nobody caught, and of the very end. @internal */
export interface UncaughtTarget {
  /** Reports one. Never throws. */
  uncaught(error: unknown, origin: UncaughtOrigin): void;
  /** Whether it wants to hear of errors. */
  readonly capturesUncaught: boolean;
  /** All listeners to the process's `exit` have run. Never throws. */
  exited(): void;
}

interface UncaughtState {
  /** In the order of their start: the last one is told. */
  readonly targets: UncaughtTarget[];
  readonly monitor: (error: unknown, origin: UncaughtOrigin) => void;
  /** The `emit` of the process that was replaced, while it is. */
  emit: { readonly own: PropertyDescriptor | undefined; readonly wrapper: Emit } | undefined;
}

type Emit = (this: NodeJS.Process, event: string | symbol, ...args: unknown[]) => boolean;

const state = processSingleton<UncaughtState>('insights-uncaught', 2, () => ({
  targets: [],
  monitor: (error, origin) => errorTarget()?.uncaught(error, origin),
  emit: undefined,
}));

/**
 * Tells a target of each error that nobody caught and each rejection that nobody handled, and of the end of the event
 * `exit`, whose listeners may print. What Node and the process's own
 * handlers do with them stays as it is: exit code, printed message, whether the process goes on.
 *
 * A rejection without a handler becomes an uncaught error in Node, and is told as that. One that a handler of the process
 * takes is seen in `emit` of the process: a listener of ours would count as a handler, and keep the process from ending.
 *
 * @returns Ends it.
 * @internal
 */
export function watchUncaught(target: UncaughtTarget): () => void {
  state.targets.push(target);
  if (state.targets.length === 1) {
    process.on('uncaughtExceptionMonitor', state.monitor);
    replaceEmit();
  }
  return () => {
    const at = state.targets.indexOf(target);
    if (at !== -1) {
      state.targets.splice(at, 1);
      if (state.targets.length === 0) {
        process.off('uncaughtExceptionMonitor', state.monitor);
        restoreEmit();
      }
    }
  };
}

function errorTarget(): UncaughtTarget | undefined {
  return state.targets.findLast(({ capturesUncaught }) => capturesUncaught);
}

function replaceEmit(): void {
  const holder = process as { emit: Emit };
  if (state.emit !== undefined) {
    // Somebody replaced it after us, so that ours is still there below theirs.
    return;
  }
  const own = Object.getOwnPropertyDescriptor(holder, 'emit');
  const before = holder.emit;
  const wrapper: Emit = function (event, ...args) {
    if (event === 'unhandledRejection' && process.listenerCount(event) > 0) {
      errorTarget()?.uncaught(args[0], 'unhandledRejection');
    }
    try {
      return Reflect.apply(before, this, [event, ...args]);
    } finally {
      if (event === 'exit' && this === process) {
        for (const target of [...state.targets]) {
          target.exited();
        }
      }
    }
  };
  holder.emit = wrapper;
  state.emit = { own, wrapper };
}

function restoreEmit(): void {
  const holder = process as { emit: Emit };
  if (state.emit === undefined || holder.emit !== state.emit.wrapper) {
    return;
  }
  if (state.emit.own === undefined) {
    Reflect.deleteProperty(holder, 'emit');
  } else {
    Object.defineProperty(holder, 'emit', state.emit.own);
  }
  state.emit = undefined;
}
