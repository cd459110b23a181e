import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton, runQuietly } from '@azureml-ts/common';

const own = processSingleton('insights-own-work', 1, () => new AsyncLocalStorage<true>());

/**
 * Runs work of telemetry itself: what it prints, calls or starts, also behind `await`, is not reported.
 *
 * Collected rows are stored in quiet too, but what a program prints about them is its own.
 *
 * @internal
 */
export function runOwnWork<T>(work: () => T): T {
  return runQuietly(() => own.run(true, work));
}

/** Whether the calling code runs as part of {@link runOwnWork}. @internal */
export function isOwnWork(): boolean {
  return own.getStore() === true;
}
