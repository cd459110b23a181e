import {
  backoffDelayMs,
  createLogger,
  errorMessage,
  isAzuremlError,
  sleep,
  statusOf,
  ValidationError,
} from '@azureml-ts/common';
import { endableLines } from './endable-lines.ts';
import { type LogLimits, LogMemory } from './log-memory.ts';
import { readLogPage } from './log-page.ts';

export { LOG_GAP } from './log-memory.ts';

const log = createLogger('core');

/** The services give 5,000 lines when not told otherwise; more at once are slow to come. */
const LIMITS: FollowLimits = { page: 200, most: 5_000, sure: 10 };
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 30_000;

/** Numbers of lines that {@link followLog} works with. */
export interface FollowLimits extends LogLimits {
  /** Read at each look, as long as that is enough. */
  readonly page: number;
}

/** What {@link followLog} reads from. */
export interface FollowLogInit {
  /** Reads at most so many of the last lines. */
  readonly read: (numLines: number, abortSignal: AbortSignal) => Promise<string>;
  /** Wait between two looks, in milliseconds. */
  readonly intervalMs: number;
  /** How many of the lines that are there already come first. */
  readonly numLines: number;
  readonly abortSignal?: AbortSignal | undefined;
}

/**
 * Yields the lines of a log as they come, by looking at its end again and again.
 *
 * What is new is told by the block of lines that two looks share, so that equal lines stay; when more came than one look
 * shows, more are read, up to 5,000. Where lines may be missing all the same, or the log began anew, {@link LOG_GAP} comes.
 * So it does, once, where so many lines are equal that new ones cannot be told from those before. A log that began anew
 * with the very lines of before looks like one that has grown, and is not marked. A line that is still being written waits
 * for its end, or for a look that finds it unchanged.
 *
 * It ends without an error by `abortSignal`, by `return()`, also while a line is waited for, and when the service is gone. A look that fails for a passing reason is
 * repeated after a growing wait, with one warning.
 *
 * @param init What to read, and how often.
 * @param limits Numbers of lines; tests pass smaller ones.
 * @throws What the first look throws; later what will not pass by itself, for example `PERMISSION_DENIED`.
 */
export function followLog(init: FollowLogInit, limits: FollowLimits = LIMITS): AsyncGenerator<string> {
  return endableLines((abortSignal) => follow({ ...init, abortSignal }, limits), init.abortSignal);
}

type Following = FollowLogInit & { readonly abortSignal: AbortSignal };

async function* follow(init: Following, limits: FollowLimits): AsyncGenerator<string> {
  const { numLines, intervalMs, abortSignal } = init;
  checkNumber('numLines', numLines, Number.isSafeInteger(numLines));
  checkNumber('intervalMs', intervalMs, Number.isFinite(intervalMs));
  const memory = new LogMemory(limits);
  try {
    abortSignal.throwIfAborted();
    const asked = Math.max(numLines, limits.page);
    yield* memory.begin(readLogPage(await init.read(asked, abortSignal), asked), numLines);
    yield* looks(init, memory, limits);
  } catch (error) {
    if (!abortSignal.aborted) {
      throw error;
    }
  }
  yield* memory.end();
}

async function* looks(init: Following, memory: LogMemory, limits: FollowLimits): AsyncGenerator<string> {
  const { intervalMs, abortSignal } = init;
  let page = limits.page;
  let failures = 0;
  let missing = 0;
  for (;;) {
    const backoff = {
      initialDelayMs: Math.max(intervalMs, MIN_BACKOFF_MS),
      maxDelayMs: Math.max(intervalMs, MAX_BACKOFF_MS),
    };
    const delayMs = failures === 0 ? intervalMs : Math.max(intervalMs, backoffDelayMs(failures, backoff));
    await sleep(delayMs, { abortSignal, keepAlive: true });
    let news: string[];
    try {
      news = await look(init, memory, page, limits.most);
    } catch (error) {
      abortSignal.throwIfAborted();
      if (isGone(error)) {
        missing += 1;
        // Once may be a change of deployments.
        if (missing > 1) {
          return;
        }
      } else if (isPassing(error)) {
        failures += 1;
        if (failures === 1) {
          log.warning(`the log cannot be read at the moment, and is tried again: ${errorMessage(error)}`);
        }
      } else {
        throw error;
      }
      continue;
    }
    if (failures > 0) {
      log.info('the log can be read again');
    }
    failures = 0;
    missing = 0;
    page = Math.min(limits.most, Math.max(limits.page, 2 * news.length));
    yield* news;
  }
}

/**
 * Looks once: reads until the new lines can be told, twice as many lines each time.
 *
 * @param init What to read.
 * @param memory What was seen before.
 * @param page How many lines to read first.
 * @param most How many lines to read at most.
 */
export async function look(
  { read, abortSignal }: Pick<Following, 'read' | 'abortSignal'>,
  memory: LogMemory,
  page: number,
  most: number,
): Promise<string[]> {
  for (let asked = page; ; asked = Math.min(most, asked * 2)) {
    const news = memory.next(readLogPage(await read(asked, abortSignal), asked), asked < most);
    if (news !== undefined) {
      return news;
    }
  }
}

function isGone(error: unknown): boolean {
  const status = statusOf(error);
  return status === 404 || status === 410 || isAzuremlError(error, 'WEBSERVICE_NOT_FOUND');
}

/** What may be over at the next look. A page of a proxy in place of an answer is one of them. */
function isPassing(error: unknown): boolean {
  return isAzuremlError(error) && (error.retryable || error.code === 'INVALID_ANSWER');
}

function checkNumber(path: string, value: number, isRight: boolean): void {
  if (!isRight || value < 0) {
    throw new ValidationError({
      path,
      expected: path === 'numLines' ? 'an integer from 0' : 'a number from 0',
      received: value,
    });
  }
}
