import type { PrintStream } from '../items/item-factory.ts';
import type { Severity } from '../types.ts';
import type { ConsoleCall, StandardStream } from './registry.ts';

/** How a printed line is sent. @internal */
export interface Level {
  readonly stream: PrintStream;
  readonly severity: Severity;
}

/** By console method. @internal */
export const CONSOLE_LEVELS: Readonly<Record<ConsoleCall, Level>> = {
  log: { stream: 'STDOUT', severity: 'Information' },
  info: { stream: 'STDOUT', severity: 'Information' },
  dir: { stream: 'STDOUT', severity: 'Information' },
  dirxml: { stream: 'STDOUT', severity: 'Information' },
  table: { stream: 'STDOUT', severity: 'Information' },
  debug: { stream: 'STDOUT', severity: 'Verbose' },
  trace: { stream: 'STDERR', severity: 'Verbose' },
  warn: { stream: 'STDERR', severity: 'Warning' },
  error: { stream: 'STDERR', severity: 'Error' },
};

/** By stream, for what is written straight to it: how grave it is, nobody said. @internal */
export const STREAM_LEVELS: Readonly<Record<StandardStream, Level>> = {
  stdout: { stream: 'STDOUT', severity: 'Information' },
  stderr: { stream: 'STDERR', severity: 'Warning' },
};
