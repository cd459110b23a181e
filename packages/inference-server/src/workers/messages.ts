import type { ParentMessage } from '../command/parent-channel.ts';
import type { StartServerOptions } from '../options.ts';

/** The options of a server that can be sent to another process: everything but functions and signals. */
export type WorkerOptions = Omit<StartServerOptions, 'abortSignal' | 'onLogLine' | 'run' | 'init' | 'workers'>;

/** What the primary says to a worker. */
export type ToWorker =
  | {
      readonly type: 'azureml-ts:worker-start';
      readonly options: WorkerOptions;
      /** Time between two beats, in milliseconds; 0 for none. */
      readonly beatMs: number;
      /** Whether the worker watches that its primary still lives. */
      readonly watchParent: boolean;
    }
  /** The port may be opened. */
  | { readonly type: 'azureml-ts:worker-open' }
  /** A new worker has taken the place: no new connections, and the end once those that are open have gone. */
  | { readonly type: 'azureml-ts:worker-retire' }
  | { readonly type: 'azureml-ts:worker-stop'; readonly reason: string };

/** What a worker says to the primary. */
export type FromWorker =
  | ParentMessage
  /** It is there, and asks what to serve. */
  | { readonly type: 'azureml-ts:worker-here' }
  /** `init()` has ended; it asks for leave to open the port. */
  | { readonly type: 'azureml-ts:worker-prepared' }
  /** Its event loop turns. */
  | { readonly type: 'azureml-ts:worker-beat' };

/** Whether a value is one of our messages: a script may send others. */
export function isWorkerMessage(value: unknown): value is FromWorker | ToWorker {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { type?: unknown }).type === 'string' &&
    (value as { type: string }).type.startsWith('azureml-ts:')
  );
}
