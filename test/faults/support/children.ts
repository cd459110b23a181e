import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { ROOT } from '../../support/checkout.ts';

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How {@link startChild} starts a process. */
export interface ChildOptions {
  /** Arguments of the program. */
  readonly args?: readonly string[];
  /** Arguments of Node. */
  readonly execArgv?: readonly string[];
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command and its arguments that Node is started through, for example `unshare`. */
  readonly through?: readonly string[];
}

/** A started process and its end. */
export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<ProcessEnd>;
  /** Ends it with SIGKILL, if it still runs, and waits for its end. */
  kill(): Promise<ProcessEnd>;
}

const running = new Set<Child>();

/** Path of a program in `support/children`. */
export function childFile(name: string): string {
  return path.join(ROOT, 'test', 'faults', 'support', 'children', name);
}

/**
 * Starts a program of `support/children`, with a channel for messages. What still runs at the end of the test file is
 * killed.
 */
export function startChild(name: string, options: ChildOptions = {}): Child {
  const { args = [], execArgv = [], env = {}, through = [] } = options;
  const [command = '', ...rest] = [...through, process.execPath, ...execArgv, childFile(name), ...args];
  const started = spawn(command, rest, {
    // Jest's own settings are not for programs.
    env: { ...process.env, NODE_OPTIONS: '', AZURE_LOG_LEVEL: 'warning', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const { stdout: out, stderr: err } = started;
  if (out === null || err === null) {
    throw new Error('The process has no output.');
  }
  let stdout = '';
  let stderr = '';
  out.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  err.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // `close` of the process itself never comes once this side has disconnected.
  const ended = Promise.all([once(started, 'exit'), once(out, 'close'), once(err, 'close')]).then(
    ([[code, signal]]): ProcessEnd => {
      running.delete(child);
      return { code, signal, stdout, stderr };
    },
  );
  const child: Child = {
    process: started,
    ended,
    kill: () => {
      started.kill('SIGKILL');
      return ended;
    },
  };
  running.add(child);
  return child;
}

/** Waits for a message of a child; rejects when it ends without one. */
export async function messageOf<T>(child: Child, isWanted: (message: T) => boolean = () => true): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const listen = (message: unknown) => {
    if (isWanted(message as T)) {
      resolve(message as T);
    }
  };
  child.process.on('message', listen);
  void child.ended.then(({ code, signal, stderr }) =>
    reject(new Error(`The process ended with ${signal ?? code} before its message. ${stderr.slice(-1_000)}`)),
  );
  try {
    return await promise;
  } finally {
    child.process.off('message', listen);
  }
}

afterAll(async () => {
  await Promise.all([...running].map((child) => child.kill()));
});
