import { type ConsoleMethod, consoleTarget, isSilenced, replacedMethods, silently } from './registry.ts';

/**
 * The others (`assert`, `count`, `group`, `timeEnd`, `trace`, ...) call one of these. `trace` must not be
 * replaced: what it writes would show the replacement.
 */
const METHODS: readonly ConsoleMethod[] = ['log', 'info', 'debug', 'warn', 'error', 'dir', 'dirxml', 'table'];

type Method = (...values: unknown[]) => void;

/**
 * Replaces the console methods when some target wants their lines, and puts the original ones back when none does.
 *
 * A method that somebody else replaced after us stays theirs; ours below it then only passes lines on.
 *
 * @internal
 */
export function updateConsoleCapture(): void {
  const replaced = replacedMethods();
  const wanted = consoleTarget() !== undefined;
  for (const method of METHODS) {
    const ours = replaced.get(method);
    if (wanted && ours === undefined) {
      const original = console[method] as Method;
      const wrapper = wrap(method, original);
      replaced.set(method, { original, wrapper });
      console[method] = wrapper;
    } else if (!wanted && ours !== undefined && console[method] === ours.wrapper) {
      console[method] = ours.original;
      replaced.delete(method);
    }
  }
}

function wrap(method: ConsoleMethod, original: Method): Method {
  const wrapper = (...values: unknown[]): void => {
    const target = isSilenced() ? undefined : consoleTarget();
    if (target === undefined) {
      original.apply(console, values);
      return;
    }
    // One trace for one call, also where the original calls another method, or a value prints while it is read.
    silently(() => {
      try {
        original.apply(console, values);
      } finally {
        const call = method === 'error' && isOfTrace(values, wrapper) ? 'trace' : method;
        target.consoleCalled(call, shown(method, values));
      }
    });
  };
  return Object.defineProperty(wrapper, 'name', { value: method });
}

/** The values that a method shows: the rest of its arguments say how. */
function shown(method: ConsoleMethod, values: readonly unknown[]): readonly unknown[] {
  return method === 'dir' || method === 'table' ? values.slice(0, 1) : values;
}

/** Whether `error` was called by `console.trace`: with its text, and right from within Node. */
function isOfTrace(values: readonly unknown[], wrapper: Method): boolean {
  const [text] = values;
  if (values.length !== 1 || typeof text !== 'string' || !/^Trace[:\n]/.test(text)) {
    return false;
  }
  const holder: { stack?: string } = {};
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, wrapper);
  Error.stackTraceLimit = stackTraceLimit;
  return /^\s+at console\.trace \(node:/m.test(String(holder.stack));
}
