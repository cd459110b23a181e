import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const program = path.join(__dirname, '..', 'fixtures', 'journal-process.ts');
const started: JournalProcess[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
});

/** Settings of {@link startJournal}. */
export interface ProcessOptions {
  readonly directory: string;
  readonly writer: string;
  readonly staleAfterMs?: number;
  readonly identity?: object;
  /** A command that starts the program within something else, for example a name space. */
  readonly within?: readonly string[];
}

/** Starts a process of its own with a journal; ended after the test. */
export function startJournal(options: ProcessOptions): JournalProcess {
  const { within = [], ...rest } = options;
  const [command = process.execPath, ...args] = [...within, process.execPath, program, JSON.stringify(rest)];
  const child = new JournalProcess(spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
  started.push(child);
  return child;
}

/** A process with a journal that is told what to do line by line. */
export class JournalProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended and everything that it said has arrived. */
  readonly #over: Promise<unknown>;
  readonly #answers: string[] = [];
  #tell = () => {};
  #isOver = false;

  constructor(child: ChildProcess) {
    this.child = child;
    // Writing to one that has just died is no fault of the test.
    child.stdin?.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      this.#answers.push(line);
      this.#tell();
    });
    this.#over = once(child, 'close').then(() => {
      this.#isOver = true;
      this.#tell();
    });
  }

  /** Gives an order without waiting for its answer. */
  order(op: string, rest: object = {}): void {
    this.child.stdin?.write(`${JSON.stringify({ op, ...rest })}\n`);
  }

  /** The next answer; an error of the other side is thrown with its code. */
  async answer<T>(): Promise<T> {
    while (this.#answers.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
    const line = this.#answers.shift();
    if (line === undefined) {
      throw new Error('The process ended without an answer');
    }
    const answer = JSON.parse(line);
    if (Array.isArray(answer)) {
      return answer as T;
    }
    if ('value' in answer) {
      return answer.value;
    }
    throw Object.assign(new Error(answer.message), { code: answer.code });
  }

  /** Gives an order and waits for its answer. */
  ask<T>(op: string, rest: object = {}): Promise<T> {
    this.order(op, rest);
    return this.answer();
  }

  /** Waits until it has ended. */
  async ended(): Promise<void> {
    await this.#over;
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#over;
  }
}
