import { type FileHandle, open, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { sleep } from '@azureml-ts/common';
import { LOG_GAP } from '../webservice/follow-logs.ts';
import { MAX_LOG_BYTES, readExactly, tailStart } from './log-tail.ts';

const CHUNK_BYTES = 256 * 1024;
/** How much before the place of now must still be as it was, else the file was cut and grew again. */
const ANCHOR_BYTES = 64;
/** A line that is longer comes in parts. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/** How a log file is followed. */
export interface FollowLogFileInit {
  readonly file: string;
  /** Wait between two looks, in milliseconds. */
  readonly intervalMs: number;
  /** How many of the lines that are there already come first. */
  readonly numLines: number;
  /** Ends the iteration, without an error. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Aborted when nothing more will be written: what is there still comes, then the iteration ends. */
  readonly ended: AbortSignal;
}

/**
 * Yields the lines of a file as they are written, from one place to the next, so that none is lost or comes twice. A file
 * that was cut is read from its beginning after the line {@link LOG_GAP}; one that was replaced is read to its end, then
 * the new one from its beginning.
 *
 * @param init What to follow.
 */
export async function* followLogFile(init: FollowLogFileInit): AsyncGenerator<string> {
  const { file, abortSignal, ended } = init;
  const wake = abortSignal === undefined ? ended : AbortSignal.any([abortSignal, ended]);
  let log: OpenLog | undefined;
  let numLines: number | undefined = init.numLines;
  try {
    while (!abortSignal?.aborted) {
      // Asked before the look: what was written until then is seen by it.
      const isLast = ended.aborted;
      if (log === undefined) {
        log = await OpenLog.open(file, numLines);
        numLines = undefined;
        if (ended.aborted) {
          // What is there now may belong to another service.
          return;
        }
      }
      for await (const line of log?.newLines() ?? []) {
        if (abortSignal?.aborted) {
          return;
        }
        yield line;
      }
      if (isLast) {
        yield* log?.rest() ?? [];
        return;
      }
      if (log !== undefined && (await log.isReplaced()) && !ended.aborted) {
        yield* log.newLines();
        yield* log.rest();
        await log.close();
        log = undefined;
      } else {
        await sleep(init.intervalMs, { abortSignal: wake, keepAlive: true }).catch(() => undefined);
      }
    }
  } finally {
    await log?.close();
  }
}

/** A log file that is being read. */
class OpenLog {
  readonly #file: string;
  readonly #handle: FileHandle;
  /** Where the next look begins. */
  #position: number;
  /** What stood right before that. */
  #anchor: Buffer = Buffer.alloc(0);
  /** The beginning of a line whose end is not there yet. */
  #begun = '';
  #decoder = new StringDecoder('utf8');
  #hasGap: boolean;

  private constructor(file: string, handle: FileHandle, position: number, hasGap: boolean) {
    this.#file = file;
    this.#handle = handle;
    this.#position = position;
    this.#hasGap = hasGap;
  }

  /** Opens the file at its last lines, or at its beginning; `undefined` when there is none. */
  static async open(file: string, numLines: number | undefined): Promise<OpenLog | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(file, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
    try {
      if (numLines === undefined) {
        return new OpenLog(file, handle, 0, false);
      }
      const { size } = await handle.stat();
      const { start, leftOut } = await tailStart(handle, size, numLines, MAX_LOG_BYTES);
      const log = new OpenLog(file, handle, start, leftOut > 0);
      await log.#setAnchor();
      return log;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Whole lines from the place of now to the end. */
  async *newLines(): AsyncGenerator<string> {
    for (;;) {
      if (this.#hasGap) {
        this.#hasGap = false;
        yield LOG_GAP;
      }
      const before = this.#anchor.length;
      // In one reading with what stands before it, so that no cut can come in between.
      const bytes = await readExactly(this.#handle, this.#position - before, before + CHUNK_BYTES);
      if (bytes.subarray(0, before).equals(this.#anchor)) {
        const chunk = bytes.subarray(before);
        if (chunk.length === 0) {
          return;
        }
        this.#position += chunk.length;
        this.#anchor = Buffer.from(bytes.subarray(-ANCHOR_BYTES));
        yield* this.#lines(chunk);
      } else {
        yield* this.rest();
        this.#position = 0;
        this.#anchor = Buffer.alloc(0);
        this.#hasGap = true;
      }
    }
  }

  /** The line that has no end. */
  *rest(): Generator<string> {
    const line = this.#begun + this.#decoder.end();
    this.#begun = '';
    if (line !== '') {
      yield line;
    }
  }

  /** Whether another file has taken the place of this one. */
  async isReplaced(): Promise<boolean> {
    try {
      const [mine, now] = await Promise.all([this.#handle.stat(), stat(this.#file)]);
      return mine.ino !== now.ino || mine.dev !== now.dev;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  *#lines(chunk: Buffer): Generator<string> {
    const lines = (this.#begun + this.#decoder.write(chunk)).split('\n');
    const last = lines.pop() ?? '';
    this.#begun = '';
    for (const line of lines) {
      yield line.replace(/\r$/, '');
    }
    if (last.length > MAX_LINE_CHARACTERS) {
      yield last;
    } else {
      this.#begun = last;
    }
  }

  async #setAnchor(): Promise<void> {
    const length = Math.min(this.#position, ANCHOR_BYTES);
    this.#anchor = await readExactly(this.#handle, this.#position - length, length);
  }
}
