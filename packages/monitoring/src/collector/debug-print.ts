import type { PendingCall } from './pending-call.ts';

/**
 * Prints collected rows as CSV to standard output while `AML_MODEL_DC_DEBUG` is `true`: a look at what would be stored,
 * for the first try on a laptop. Source: the Python ModelDataCollector.
 */
export class DebugPrint {
  #lastHeader: Uint8Array | undefined;

  /** Prints the rows of a call, with the header when it is another one than before. */
  print(call: PendingCall): void {
    const { schema } = call;
    if (schema === undefined) {
      return;
    }
    const pieces: Uint8Array[] = [...schema.encode([call]).pieces];
    if (this.#lastHeader === undefined || Buffer.compare(this.#lastHeader, schema.header) !== 0) {
      this.#lastHeader = schema.header;
      pieces.unshift(schema.header);
    }
    process.stdout.write(Buffer.concat(pieces));
  }
}

/** Whether rows are to be printed; any case, as the Python package takes it. */
export function debugPrintFrom(environment: NodeJS.ProcessEnv): DebugPrint | undefined {
  return environment['AML_MODEL_DC_DEBUG']?.trim().toLowerCase() === 'true' ? new DebugPrint() : undefined;
}
