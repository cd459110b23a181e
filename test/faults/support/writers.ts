import { type Child, childFile, startChild } from './children.ts';
import { column, misplaced, missing, repeated, type StoredRow } from './stored-rows.ts';
import { textOf, type WriterMessage, type WriterTask } from './writer-task.ts';

/** Steps after which the lives of a writer end; after the last of them it lives on. */
export type Deaths = readonly number[];

/** A writer that is started again each time it is killed, until it has done all of its chunks in one life. */
export class Writer {
  readonly #task: Omit<WriterTask, 'life'>;
  readonly #deaths: Deaths;
  /** Rows that the journal had, for each life. */
  readonly journaled: number[] = [];
  /** How often it was killed. */
  kills = 0;
  #child: Child | undefined;
  #isDone = false;

  /**
   * @param task What to do in each life, except those that end at a counted step: they have no other end.
   * @param deaths For writers that end themselves.
   */
  constructor(task: Omit<WriterTask, 'life'>, deaths: Deaths = []) {
    this.#task = task;
    this.#deaths = deaths;
  }

  /** Lives until a life has come to its own end. */
  async run(): Promise<void> {
    while (!this.#isDone) {
      await this.#live();
    }
  }

  /** Ends it for good, however far it is. */
  async stop(): Promise<void> {
    this.#isDone = true;
    await this.#child?.kill();
  }

  /** Ends the process that lives now with SIGKILL, at once; tells whether there was one. */
  kill(): boolean {
    return !this.#isDone && this.#child?.process.kill('SIGKILL') === true;
  }

  async #live(): Promise<void> {
    const life = this.journaled.push(0) - 1;
    const dieAt = this.#deaths[life];
    const chunks = dieAt === undefined ? this.#task.chunks : Number.MAX_SAFE_INTEGER;
    const task: WriterTask = { ...this.#task, life, chunks };
    const child = startChild('writer.ts', {
      args: [JSON.stringify(task)],
      execArgv: dieAt === undefined ? [] : ['--import', childFile('die-at.ts')],
      env: { DIE_AT: String(dieAt ?? 0) },
    });
    child.process.on('message', (message: WriterMessage) => {
      if ('journaledTo' in message) {
        this.journaled[life] = message.journaledTo;
      } else {
        this.#isDone = true;
      }
    });
    this.#child = child;
    const { code, signal, stderr } = await child.ended;
    this.kills += signal === 'SIGKILL' ? 1 : 0;
    if (signal !== 'SIGKILL' && code !== 0) {
      throw new Error(`Writer ${this.#task.writer} ended with ${signal ?? code}. ${stderr.slice(-2_000)}`);
    }
  }

  /** Ids of the rows that the journal surely had. */
  ids(): string[] {
    const { writer } = this.#task;
    return this.journaled.flatMap((count, life) =>
      Array.from({ length: count }, (_, number) => `${writer}/${life}/${number}`),
    );
  }

  /** Rows of a chunk: that many more may be journaled when it was killed before it could say so. */
  get #chunkRows(): number {
    return this.#task.calls.reduce((sum, count) => sum + count, 0);
  }

  /** What is wrong with rows of this writer in files; all empty when nothing is. */
  faults(files: readonly (readonly StoredRow[])[]) {
    const ofFiles = files.map((rows) => rows.filter((row) => row['writer'] === this.#task.writer));
    const own = ofFiles.flat();
    const ids = own.map((row) => `${row['writer']}/${row['life']}/${row['number']}`);
    const lives = this.journaled.flatMap((_, life) =>
      ofFiles.map((rows) => rows.filter((row) => row['life'] === String(life))),
    );
    return {
      missing: missing(this.ids(), ids),
      twice: repeated(ids),
      fromNowhere: own
        .filter((row) => Number(row['number']) >= (this.journaled[Number(row['life'])] ?? 0) + this.#chunkRows)
        .map((row) => `${row['life']}/${row['number']}`),
      outOfOrder: lives.flatMap((life) => misplaced(column(life, 'number').map(Number))),
      changed: own.filter((row) => row['text'] !== textOf(Number(row['number']))).map((row) => row['number']),
    };
  }
}

/** What {@link Writer.faults} is when nothing is wrong. */
export const NO_FAULTS = { missing: [], twice: [], fromNowhere: [], outOfOrder: [], changed: [] };
