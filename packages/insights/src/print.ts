import { printTarget, silently } from './console/registry.ts';

/**
 * Writes values to standard output, as `console.log` does, and sends them to Application Insights when telemetry was
 * started in this process.
 *
 * Each call is one trace `STDOUT`. One text is sent as it is; an object as its JSON, so that queries can take it apart;
 * several values as the line that the console writes or, with an object among them, as a JSON list. Inside a request
 * the trace carries its ids. Never throws and never waits.
 *
 * @param values What to print.
 * @example
 * ```ts
 * import { print } from '@azureml-ts/insights';
 *
 * print({ input: [[1, 2]], output: [3] });
 * ```
 *
 * Source: Python's `print` in a scoring script, which the inference server turns into traces.
 */
export function print(...values: readonly unknown[]): void {
  silently(() => {
    try {
      console.log(...values);
    } finally {
      printTarget()?.consoleCalled('log', values);
    }
  });
}
