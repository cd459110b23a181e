import { createLogger, errorMessage, ValidationError, type WaitOptions } from '@azureml-ts/common';
import type { UpdateReport } from './update-report.ts';
import type { UpdateOptions, Webservice } from './webservice.ts';

const log = createLogger('core');
const DEFAULT_CONCURRENCY = 8;

/** What became of one service in {@link Webservice.updateMany}: a report, or the error. */
export interface UpdateManyResult {
  /** The service. */
  readonly service: Webservice;
  /** What its `update()` did, or would do; `undefined` when it failed. */
  readonly report?: UpdateReport | undefined;
  /** Why its `update()` failed. */
  readonly error?: unknown;
}

/** Options of {@link Webservice.updateMany}. */
export interface UpdateManyOptions extends WaitOptions, Pick<UpdateOptions, 'wait' | 'dryRun'> {
  /** How many services are changed at the same time. Default 8. */
  readonly concurrency?: number | undefined;
  /** Called for each service when it is done, in the order of their ends. What it throws is logged and otherwise ignored. */
  readonly onResult?: ((result: UpdateManyResult) => void) | undefined;
}

/** Changes many services, some at a time; see `Webservice.updateMany`. */
export async function updateMany(
  services: Iterable<Webservice> | AsyncIterable<Webservice>,
  changes: object,
  options: UpdateManyOptions = {},
): Promise<UpdateManyResult[]> {
  const { concurrency = DEFAULT_CONCURRENCY, onResult, abortSignal, ...update } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw new ValidationError({ path: 'concurrency', expected: 'an integer from 1', received: concurrency });
  }
  if (typeof changes !== 'object' || changes === null) {
    throw new ValidationError({
      path: 'changes',
      expected: 'an object such as { enableAppInsights }',
      received: changes,
    });
  }
  const results: UpdateManyResult[] = [];
  const source = oneByOne(services);
  let failure: { readonly error: unknown } | undefined;
  const work = async () => {
    for (let taken = await source.next(); taken !== undefined; taken = await source.next()) {
      abortSignal?.throwIfAborted();
      const result = await updateOne(taken.item, changes, { ...update, abortSignal });
      results[taken.index] = result;
      tell(result, onResult);
    }
  };
  const stop = async (error: unknown) => {
    failure ??= { error };
    await source.stop();
  };
  await Promise.all(Array.from({ length: concurrency }, () => work().catch(stop)));
  abortSignal?.throwIfAborted();
  if (failure !== undefined) {
    throw (failure as { readonly error: unknown }).error;
  }
  return results;
}

async function updateOne(service: Webservice, changes: object, options: UpdateOptions): Promise<UpdateManyResult> {
  try {
    return { service, report: await service.update(changes, { showOutput: false, ...options }) };
  } catch (error) {
    return { service, error };
  }
}

function tell(result: UpdateManyResult, onResult: UpdateManyOptions['onResult']): void {
  try {
    onResult?.(result);
  } catch (error) {
    log.warning(`onResult for "${result.service.name}" failed: ${errorMessage(error)}`);
  }
}

/** Items of a source in its order, whoever asks: not every source can be asked twice at a time. */
interface OneByOne<T> {
  /** The next item; `undefined` at the end, and after a failure. */
  next(): Promise<{ readonly item: T; readonly index: number } | undefined>;
  /** Lets go of the source. */
  stop(): Promise<void>;
}

function oneByOne<T>(items: Iterable<T> | AsyncIterable<T>): OneByOne<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let count = 0;
  let isOver = false;
  let last: Promise<unknown> = Promise.resolve();
  return {
    next: () => {
      const taken = last.then(async () => {
        if (isOver) {
          return undefined;
        }
        // Until it is known that there is another one.
        isOver = true;
        const { done, value } = await iterator.next();
        if (done === true) {
          return undefined;
        }
        isOver = false;
        count += 1;
        return { item: value, index: count - 1 };
      });
      last = taken.catch(() => undefined);
      return taken;
    },
    stop: async () => {
      if (!isOver) {
        isOver = true;
        await iterator.return?.();
      }
    },
  };
}
