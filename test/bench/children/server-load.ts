import { answer } from '../support/child.ts';
import { LoadConnection, type LoadEvents, type LoadTarget } from '../support/load-connection.ts';
import { median, quantile } from '../support/statistics.ts';

/** What to send. */
export interface LoadInput {
  /** Root of the server. */
  readonly url: string;
  readonly body: string;
  readonly connections: number;
  /** Whether connections are kept, or each request has one of its own. */
  readonly isKept: boolean;
  /** Requests of the first so many milliseconds are not counted. Default 0. */
  readonly warmUpMs?: number | undefined;
  /** Ends after so many milliseconds. */
  readonly durationMs?: number | undefined;
  /** Ends after so many requests. */
  readonly count?: number | undefined;
  /** So many requests a second, whatever the server does; else each connection sends as soon as it has its answer. */
  readonly perSecond?: number | undefined;
  /** Ends when no connection can be made any more. */
  readonly untilGone?: boolean | undefined;
}

/** What became of it. */
export interface LoadOutput {
  /** Answers of status 200 after the warm-up. */
  readonly answered: number;
  /** The same with the warm-up. */
  readonly all: number;
  /** Other answers. */
  readonly failed: number;
  /** Requests on a connection in use that ended before their answer. */
  readonly cut: number;
  /** Connections that could not be made, or were never taken by the server. */
  readonly refused: number;
  /** From the end of the warm-up to the end. */
  readonly seconds: number;
  /** Share of a core that the load took meanwhile. */
  readonly processor: number;
  readonly p50: number;
  readonly p99: number;
  /** The median of the 99th percentiles of each quarter of a second: what other programs did for a moment is not in it. */
  readonly windowP99: number;
}

const WINDOW_MS = 250;

/** Tells `counting` after the warm-up. */
answer<LoadInput, LoadOutput>((input, tell) => new Load(input, tell).run());

class Load implements LoadEvents {
  readonly #input: LoadInput;
  readonly #tell: (word: string) => void;
  readonly #connections: LoadConnection[];
  readonly #free: LoadConnection[];
  /** When the requests were due that no connection was free for. */
  readonly #waiting: number[] = [];
  readonly #latencies: number[] = [];
  readonly #windows: number[][] = [];
  #countingSince = 0;
  readonly #end = Promise.withResolvers<void>();
  #isCounting = false;
  #isOver = false;
  #sent = 0;
  #all = 0;
  #failed = 0;
  #cut = 0;
  #refused = 0;

  constructor(input: LoadInput, tell: (word: string) => void) {
    this.#input = input;
    this.#tell = tell;
    const target = targetOf(input);
    this.#connections = Array.from({ length: input.connections }, () => new LoadConnection(target, this));
    this.#free = [...this.#connections];
  }

  async run(): Promise<LoadOutput> {
    const { warmUpMs = 0, durationMs, perSecond } = this.#input;
    const ticks = perSecond === undefined ? undefined : this.#paced(perSecond);
    if (ticks === undefined) {
      for (const connection of this.#free.splice(0)) {
        this.#send(connection, performance.now());
      }
    }
    await new Promise((resolve) => setTimeout(resolve, warmUpMs));
    this.#isCounting = true;
    const start = performance.now();
    const before = process.cpuUsage();
    this.#countingSince = start;
    this.#tell('counting');
    const limit = durationMs === undefined ? undefined : setTimeout(() => this.#end.resolve(), durationMs);
    await this.#end.promise;
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(before);
    const latencies = [...this.#latencies];
    this.#isOver = true;
    clearTimeout(limit);
    clearInterval(ticks);
    // What is under way is answered first, so that nothing of it comes in later.
    await this.#settle();
    for (const connection of this.#connections) {
      connection.close();
    }
    return {
      answered: latencies.length,
      all: this.#all,
      failed: this.#failed,
      cut: this.#cut,
      refused: this.#refused,
      seconds,
      processor: (user + system) / 1_000_000 / seconds,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      windowP99: median(this.#windows.flatMap((window) => [quantile(window ?? [], 0.99)])),
    };
  }

  onAnswer(connection: LoadConnection, status: number): void {
    if (status === 200) {
      this.#all += 1;
      if (this.#isCounting) {
        const now = performance.now();
        this.#latencies.push(now - connection.since);
        const window = Math.floor((now - this.#countingSince) / WINDOW_MS);
        this.#windows[window] ??= [];
        this.#windows[window].push(now - connection.since);
      }
    } else {
      this.#failed += 1;
    }
    this.#next(connection);
  }

  onBroken(connection: LoadConnection, wasInUse: boolean): void {
    if (wasInUse) {
      this.#cut += 1;
    } else {
      this.#refused += 1;
      if (this.#input.untilGone === true) {
        this.#free.push(connection);
        if (this.#free.length === this.#connections.length) {
          this.#end.resolve();
        }
        return;
      }
    }
    this.#next(connection);
  }

  #next(connection: LoadConnection): void {
    const { perSecond, count } = this.#input;
    if (count !== undefined && this.#all + this.#failed >= count) {
      this.#end.resolve();
    }
    const isDone = this.#isOver || (count !== undefined && this.#sent >= count);
    const due = perSecond === undefined ? performance.now() : this.#waiting.shift();
    if (isDone || due === undefined) {
      this.#free.push(connection);
    } else {
      this.#send(connection, due);
    }
  }

  #send(connection: LoadConnection, due: number): void {
    this.#sent += 1;
    connection.since = due;
    connection.send();
  }

  /** Every millisecond what is due is sent; the time of a request begins when it was due. */
  #paced(perSecond: number): NodeJS.Timeout {
    const start = performance.now();
    let done = 0;
    return setInterval(() => {
      const now = performance.now();
      for (const due = Math.floor(((now - start) * perSecond) / 1000); done < due; done += 1) {
        const connection = this.#free.pop();
        if (connection === undefined) {
          this.#waiting.push(now);
        } else {
          this.#send(connection, now);
        }
      }
    }, 1);
  }

  async #settle(): Promise<void> {
    const until = performance.now() + 10_000;
    while (this.#free.length < this.#connections.length && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

function targetOf({ url, body, isKept }: LoadInput): LoadTarget {
  const { hostname, port, host } = new URL(url);
  const lines = [
    'POST /score HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(isKept ? [] : ['connection: close']),
  ];
  return { host: hostname, port: Number(port), bytes: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), isKept };
}
