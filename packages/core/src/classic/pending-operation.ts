import { errorMessage, type WaitOptions } from '@azureml-ts/common';
import type { LongOperation, OperationSubject } from '../azure/long-operation.ts';
import type { WebserviceState } from '../webservice/state.ts';
import type { LogContainer } from '../webservice/webservice.ts';
import { type BegunOperation, unescapedFault } from './classic-operation.ts';

/** Lines of each container's log in the error of a failure. */
const FAILURE_LINES = 100;

/** An operation on a service that was begun and not waited for to its end. */
export interface PendingOperation extends BegunOperation {
  /** The work, for messages. */
  readonly what: string;
  /** State that is told while it runs. */
  readonly runningState: WebserviceState;
  /** State that is told when it succeeded. */
  readonly doneState: WebserviceState;
}

/** What waiting needs of a service. */
export interface WaitedService {
  readonly name: string;
  readonly state: WebserviceState;
  readonly error: unknown;
  refresh(options?: WaitOptions): Promise<void>;
}

/**
 * Watches the state of a service as if it were an operation, for services whose operation nobody here has begun.
 * `Unhealthy` and `Unschedulable` may still change, so that only `Healthy` and `Failed` end it.
 *
 * Source: the states that Azure's documentation calls final; the Python client cannot wait without an operation.
 */
export function serviceStateOperation(service: WaitedService): LongOperation {
  return {
    id: undefined,
    poll: async (abortSignal) => {
      await service.refresh({ abortSignal });
      const { state } = service;
      return {
        state: state === 'Healthy' ? 'Succeeded' : state === 'Failed' ? 'Failed' : 'Running',
        message: state,
        fault: unescapedFault(service.error),
      };
    },
  };
}

/** What is said of a wait. */
export function waitSubject(
  service: WaitedService,
  pending: PendingOperation | undefined,
  pollIntervalMs: number | undefined,
  readLog: (numLines: number, container: LogContainer, abortSignal: AbortSignal) => Promise<string>,
): OperationSubject {
  return {
    what: pending?.what ?? `The deployment of "${service.name}"`,
    name: service.name,
    runningState: pending?.runningState ?? 'Transitioning',
    doneState: pending?.doneState ?? 'Healthy',
    pollIntervalMs,
    logs: (abortSignal) => lastLogs((container) => readLog(FAILURE_LINES, container, abortSignal)),
  };
}

/** The last lines of both containers; one that cannot be read does not hide the other. */
async function lastLogs(
  read: (container: LogContainer) => Promise<string>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const containers: readonly LogContainer[] = ['inference-server', 'storage-initializer'];
  const logs = await Promise.all(
    containers.map(async (container) => {
      try {
        return [container, (await read(container)).split('\n').filter((line) => line !== '')] as const;
      } catch (error) {
        return [container, [`The log could not be read: ${errorMessage(error)}`]] as const;
      }
    }),
  );
  return Object.fromEntries(logs.filter(([, lines]) => lines.length > 0));
}
