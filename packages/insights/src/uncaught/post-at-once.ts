import { nodeWorkerThreads, nodeZlib } from '../node-modules.ts';

/** Room for the text of an answer, in bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Places in the shared state. */
const [IS_DONE, STATUS, LENGTH] = [0, 1, 2];
const STATE_BYTES = 12;

/** An answer to a request that was waited for standing still. @internal */
export interface AnswerAtOnce {
  readonly status: number;
  readonly text: string;
}

/**
 * Posts items while this thread stands still: for the moment before the process dies, when nothing asynchronous runs any
 * more. A thread of its own does the work.
 *
 * @param timeoutMs Longest wait.
 * @param token Bearer token, if the service asks for one.
 * @returns The answer; `undefined` when none came in time.
 * @internal
 */
export function postAtOnce(url: URL, body: Uint8Array, timeoutMs: number, token?: string): AnswerAtOnce | undefined {
  const shared = new SharedArrayBuffer(STATE_BYTES + MAX_ANSWER_BYTES);
  const state = new Int32Array(shared, 0, 3);
  // No options of the process: they may load hooks that this thread would have to answer for.
  const { Worker } = nodeWorkerThreads();
  const worker = new Worker(`(${work.toString()})()`, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: { url: url.href, body: nodeZlib().gzipSync(body), token, shared, headBytes: STATE_BYTES },
  });
  worker.on('error', () => undefined);
  worker.unref();
  if (Atomics.wait(state, IS_DONE, 0, timeoutMs) === 'timed-out' || (state[STATUS] ?? 0) === 0) {
    return undefined;
  }
  const text = Buffer.from(shared, STATE_BYTES, state[LENGTH] ?? 0).toString('utf8');
  return { status: state[STATUS] ?? 0, text };
}

/** Runs in the thread, from its text alone: nothing of this module is there. */
function work(): void {
  const { workerData } = process.getBuiltinModule('node:worker_threads');
  const { url, body, token, shared, headBytes } = workerData as {
    readonly url: string;
    readonly body: Uint8Array;
    readonly token: string | undefined;
    readonly shared: SharedArrayBuffer;
    readonly headBytes: number;
  };
  const state = new Int32Array(shared, 0, 3);
  const done = (status: number): void => {
    state[1] = status;
    state[0] = 1;
    Atomics.notify(state, 0);
  };
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http');
  const outgoing = request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': body.byteLength,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  outgoing.on('error', () => done(0));
  outgoing.on('response', (response) => {
    const room = new Uint8Array(shared, headBytes);
    let length = 0;
    response.on('data', (chunk: Uint8Array) => {
      const part = chunk.subarray(0, room.byteLength - length);
      room.set(part, length);
      length += part.byteLength;
    });
    response.on('error', () => done(0));
    response.on('end', () => {
      state[2] = length;
      done(response.statusCode ?? 0);
    });
  });
  outgoing.end(body);
}
