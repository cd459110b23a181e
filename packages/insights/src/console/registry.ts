import { processSingleton } from '@azureml-ts/common';
import type { RequestReference } from '../context.ts';
import { isOwnWork } from '../own-work.ts';

/** A console method whose calls are captured. @internal */
export type ConsoleMethod = 'log' | 'info' | 'debug' | 'warn' | 'error' | 'dir' | 'dirxml' | 'table';

/** A captured call: of a console method, or of `console.trace`, which calls `error`. @internal */
export type ConsoleCall = ConsoleMethod | 'trace';

/** A standard stream whose raw lines are captured. @internal */
export type StandardStream = 'stdout' | 'stderr';

/** The part of started telemetry that the console, `print` and the standard streams speak to. @internal */
export interface PrintTarget {
  readonly capturesConsole: boolean;
  readonly capturesStreams: boolean;
  /** Sends what a console method was called with. Never throws. */
  consoleCalled(call: ConsoleCall, values: readonly unknown[]): void;
  /** Sends a line that was written straight to a stream, for a request or for none. Never throws. */
  lineWritten(stream: StandardStream, line: string, request: RequestReference | undefined): void;
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

/** The target that gets the raw lines of the standard streams. @internal */
export function streamTarget(): PrintTarget | undefined {
  return registry.targets.findLast(({ capturesStreams }) => capturesStreams);
}

/** The console methods that are replaced now. @internal */
export function replacedMethods(): Map<ConsoleMethod, Replaced> {
  return registry.replaced;
}

/** Runs something whose lines are not captured. @internal */
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
  return registry.silenced > 0 || isOwnWork();
}
