import { batchAt, type WriterOrder } from './writer-order.ts';

/** Tries once to store a batch, and prints the code of what went wrong. */
const order = JSON.parse(process.argv[2] ?? '{}') as WriterOrder;
const { DirectorySink } = await import('../../../src/sinks/directory-sink.ts');
try {
  await new DirectorySink(order.directory).append(batchAt(order, 0), {
    abortSignal: new AbortController().signal,
    intent: undefined,
    intend: async () => undefined,
  });
  console.log('stored');
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}
