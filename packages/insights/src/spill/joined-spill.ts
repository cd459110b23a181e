import { processSingleton } from '@azureml-ts/common';
import type { TraceSpill } from './trace-spill.ts';

const joined = processSingleton<{ store: TraceSpill | undefined }>('insights-spill', 1, () => ({ store: undefined }));

/**
 * Joins a store of long texts to all telemetry of the process that has none of its own, from now on.
 *
 * A scoring script calls it, because the inference server starts the telemetry.
 *
 * @param store The store; `undefined` takes it away.
 * @example
 * ```ts
 * import { setTraceSpill } from '@azureml-ts/insights';
 * import { createTraceSpill } from '@azureml-ts/monitoring';
 *
 * setTraceSpill(createTraceSpill({ storage: { directory: '/var/azureml-app/traces' } }));
 * setTraceSpill(undefined);
 * ```
 */
export function setTraceSpill(store: TraceSpill | undefined): void {
  joined.store = store;
}

/** The store that was joined last. @internal */
export function joinedTraceSpill(): TraceSpill | undefined {
  return joined.store;
}
