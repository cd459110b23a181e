import { setLogSink } from '@azureml-ts/common';
import { Collector, type CollectorError, type CollectorOptions, MemorySink } from '../../src/index.ts';

/** Lines that were logged in the current test. */
export const logged: string[] = [];

let restoreLog: () => void;
beforeEach(() => {
  logged.length = 0;
  restoreLog = setLogSink((line) => logged.push(line));
});
afterEach(() => {
  restoreLog();
  for (const name of Object.keys(process.env).filter((key) => /^(AML|AZUREML)_/.test(key))) {
    delete process.env[name];
  }
});

/** A collector whose errors are kept. */
export function collecting(options: Partial<CollectorOptions> = {}) {
  const errors: CollectorError[] = [];
  const collector = new Collector({
    name: 'model_inputs',
    journal: false,
    onError: (error) => errors.push(error),
    ...options,
  });
  return { collector, errors, codes: () => errors.map(({ code }) => code) };
}

/** Rows that a collector would send for an input, as text. */
export async function bodyOf(data: unknown, options: Partial<CollectorOptions> = {}): Promise<string> {
  const sink = new MemorySink();
  const { collector } = collecting({ sink, ...options });
  const { message } = collector.collect(data as never);
  await collector.close();
  const line = sink.text();
  return line === '' ? message : (/"data":(.*),"contentrange"/.exec(line)?.[1] ?? line);
}
