import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How {@link runChild} starts its process. */
export interface ChildOptions {
  /** Arguments of Node, for example `--expose-gc`. */
  readonly execArgv?: readonly string[] | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** After so many milliseconds it is ended, and the measurement fails; 120,000 when left out. */
  readonly timeoutMs?: number | undefined;
  /** Told what the child tells on its way. */
  readonly onTold?: ((word: string) => void) | undefined;
}

type Answer<Output> = { readonly value: Output } | { readonly failure: string };

/**
 * Measures something in a process of its own: what the compiler, the heap and the event loop did for one contender
 * never helps or hurts the next.
 *
 * @param file Name of a file in `test/bench/children` that calls {@link answer}.
 * @param input What it is given: plain data.
 */
export async function runChild<Input, Output>(
  file: string,
  input: Input,
  { execArgv = [], env = {}, timeoutMs = 120_000, onTold }: ChildOptions = {},
): Promise<Output> {
  const child = fork(fileURLToPath(new URL(`../children/${file}`, import.meta.url)), {
    execArgv: [...execArgv],
    env: { ...process.env, ...env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  let said: Answer<Output> | undefined;
  child.on('message', (message) => {
    if (typeof message === 'string') {
      onTold?.(message);
    } else {
      said = message as Answer<Output>;
    }
  });
  child.send({ input });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (said === undefined) {
    const end = signal === null ? `exit code ${code}` : signal;
    throw new Error(`${file} ended with ${end} and no result. ${lastLines(printed)}`);
  }
  if ('failure' in said) {
    throw new Error(said.failure);
  }
  return said.value;
}

/**
 * In a child: measures what the parent asks for, and ends.
 *
 * @param measure Given the input, and a function that tells the parent a word on the way.
 * @param options `end`: whether the process is ended with the result, or comes to its end by itself.
 */
export function answer<Input, Output>(
  measure: (input: Input, tell: (word: string) => void) => Promise<Output>,
  { end = 'with the result' }: { readonly end?: 'with the result' | 'by itself' } = {},
): void {
  // Without its parent nobody reads the result.
  const orphaned = () => process.exit(1);
  process.once('disconnect', orphaned);
  process.once('message', (message) => {
    measure((message as { readonly input: Input }).input, (word) => process.send?.(word))
      .then(
        (value): Answer<Output> => ({ value }),
        (error: unknown): Answer<Output> => ({ failure: error instanceof Error ? error.message : String(error) }),
      )
      .then((result) => {
        process.send?.(result, () => {
          process.off('disconnect', orphaned);
          if (end === 'by itself') {
            process.disconnect();
          } else {
            process.exit(0);
          }
        });
      })
      .catch(() => process.exit(1));
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-6).join('\n');
}
