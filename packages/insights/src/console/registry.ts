import { processSingleton } from '@azureml-ts/common';

/** A console method whose lines are captured. @internal */
export type ConsoleMethod = 'log' | 'info' | 'debug' | 'warn' | 'error';

/** The part of started telemetry that the console and `print` speak to. @internal */
export interface PrintTarget {
  readonly capturesConsole: boolean;
  /** Sends what a console method was called with. Never throws. */
  consoleCalled(method: ConsoleMethod, values: readonly unknown[]): void;
}

/** A console method that was replaced. */
interface Replaced {
  readonly original: (...values: unknown[]) => void;
  readonly wrapper: (...values: unknown[]) => void;
}

/** What all started telemetry of a process shares, whichever copy of the package started it. */
interface PrintRegistry {
  /** In the order of their start: the last one gets the lines. */
  readonly targets: PrintTarget[];
  readonly replaced: Map<ConsoleMethod, Replaced>;
  /** Above 0 while lines must not be captured: our own, and those written while one is being captured. */
  silenced: number;
}

const registry = processSingleton<PrintRegistry>('insights-print', 1, () => ({
  targets: [],
  replaced: new Map(),
  silenced: 0,
}));

/** Makes a target the one that gets the lines. @internal */
export function addPrintTarget(target: PrintTarget): void {
  registry.targets.push(target);
}

/** Takes a target away; the one that was started before it gets the lines again. @internal */
export function removePrintTarget(target: PrintTarget): void {
  const at = registry.targets.indexOf(target);
  if (at !== -1) {
    registry.targets.splice(at, 1);
  }
}

/** The target that gets printed lines. @internal */
export function printTarget(): PrintTarget | undefined {
  return registry.targets.at(-1);
}

/** The target that gets the lines of the console. @internal */
export function consoleTarget(): PrintTarget | undefined {
  return registry.targets.findLast(({ capturesConsole }) => capturesConsole);
}

/** The console methods that are replaced now. @internal */
export function replacedMethods(): Map<ConsoleMethod, Replaced> {
  return registry.replaced;
}

/** Runs something whose console lines are not captured. @internal */
export function silently<T>(run: () => T): T {
  registry.silenced += 1;
  try {
    return run();
  } finally {
    registry.silenced -= 1;
  }
}

/** Whether lines are not to be captured now. @internal */
export function isSilenced(): boolean {
  return registry.silenced > 0;
}
