import { type ConsoleMethod, consoleTarget, isSilenced, replacedMethods, silently } from './registry.ts';

const METHODS: readonly ConsoleMethod[] = ['log', 'info', 'debug', 'warn', 'error'];

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
      const original = console[method];
      const wrapper = wrap(method, original);
      replaced.set(method, { original, wrapper });
      console[method] = wrapper;
    } else if (!wanted && ours !== undefined && console[method] === ours.wrapper) {
      console[method] = ours.original;
      replaced.delete(method);
    }
  }
}

function wrap(method: ConsoleMethod, original: (...values: unknown[]) => void): (...values: unknown[]) => void {
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
        target.consoleCalled(method, values);
      }
    });
  };
  return Object.defineProperty(wrapper, 'name', { value: method });
}
