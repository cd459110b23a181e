import type { MessagePort } from 'node:worker_threads';
import type { ShutdownPhase } from './parts.ts';

/** Number of the messages below. Threads that speak different ones do not hear of each other. */
export const MESSAGES_VERSION = 1;

/** How a worker thread introduces itself: `postMessageToThread(0, { [KNOCK]: port })`. */
export const KNOCK = `@azureml-ts/shutdown-thread@${MESSAGES_VERSION}`;

/** Broadcast channel on which the main thread tells, once, that it has loaded this package. */
export const MAIN_IS_HERE = `@azureml-ts/shutdown-main@${MESSAGES_VERSION}`;

/** What the main thread says to a worker thread. */
export type ToWorker =
  /** The introduction was heard. */
  | { readonly type: 'welcome' }
  | { readonly type: 'close'; readonly id: number; readonly phase: ShutdownPhase }
  /** The time for this closing is over. */
  | { readonly type: 'abort'; readonly id: number }
  /** The process ends now: say last words, and take one off `waiting[0]`. */
  | { readonly type: 'lastWords'; readonly waiting: Int32Array };

/** What a worker thread says to the main thread. */
export type ToMain =
  | { readonly type: 'closed'; readonly id: number; readonly isComplete: boolean }
  /** There is more to close. */
  | { readonly type: 'more' }
  /** Nothing is left to close, whatever may still be asked. */
  | { readonly type: 'bye' };

/** The port in an introduction, or `undefined` for the messages of others. */
export function portOf(message: unknown): MessagePort | undefined {
  return typeof message === 'object' && message !== null
    ? (message as { readonly [key: string]: MessagePort | undefined })[KNOCK]
    : undefined;
}
