import { MemorySink } from '@azureml-ts/monitoring';

/** A memory store that fails as it is told. */
export function failingSink(): MemorySink & { failure: unknown } {
  const sink = Object.assign(new MemorySink(), { failure: undefined as unknown });
  sink.before = () => {
    if (sink.failure !== undefined) {
      throw sink.failure;
    }
  };
  return sink;
}
