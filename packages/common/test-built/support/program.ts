import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** How a program ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said, in order. */
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of the folder `fixtures` that runs in a process of its own. */
export class Program {
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #stdout = '';
  #stderr = '';
  #onOutput: () => void = () => undefined;

  private constructor(file: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [path.join(__dirname, '..', 'fixtures', file), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A program that hangs fails its test, and must not stay behind.
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#onOutput();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#closed = once(this.child, 'close');
  }

  /** Starts a program. */
  static start(file: string, ...args: readonly string[]): Program {
    return new Program(file, args);
  }

  /** Runs a program that ends by itself. */
  static run(file: string, ...args: readonly string[]): Promise<End> {
    return new Program(file, args).end();
  }

  /** Waits until the program has said something; fails when it ends without. */
  async said(text: string): Promise<this> {
    const { promise, resolve, reject } = Promise.withResolvers<this>();
    this.#onOutput = () => this.#stdout.includes(text) && resolve(this);
    this.#onOutput();
    void this.#closed.then(() => reject(new Error(`Ended without saying "${text}": ${this.#stdout}${this.#stderr}`)));
    return promise;
  }

  /** Sends a signal to the program. */
  kill(signal: NodeJS.Signals): this {
    this.child.kill(signal);
    return this;
  }

  /** Waits for the end of the program, and of all who inherited its output. */
  async end(): Promise<End> {
    await this.#closed;
    const { exitCode: code, signalCode: signal } = this.child;
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }
}
