import { errorMessage, harmlessLine, ValidationError } from '@azureml-ts/common';
import type { TraceRecord } from '@azureml-ts/insights';
import { type Command, Option } from 'commander';
import type { CommandIo } from '../../io.ts';
import { writeDocumentLine } from '../../output/documents.ts';
import { writeRows } from '../../output/rows.ts';
import { parseCount, parseSeconds } from '../parse-values.ts';
import { addLogsOptions, type LogsCliOptions, openLogs } from './logs-access.ts';
import { traceJson, traceLine, traceRow } from './trace-rows.ts';

const FORMATS = ['table', 'json', 'jsonl'] as const;
const SEVERITIES = ['Verbose', 'Information', 'Warning', 'Error', 'Critical'] as const;

interface PrintOptions extends LogsCliOptions {
  readonly contains?: string;
  readonly since?: string;
  readonly until?: string;
  readonly service?: string;
  readonly requestId?: string;
  readonly severity?: (typeof SEVERITIES)[number];
  readonly limit?: number;
  readonly follow?: boolean;
  readonly interval?: number;
  readonly timeout?: number;
  readonly output: (typeof FORMATS)[number];
}

/** `azureml-ts traces`: prints the newest traces, or follows them. */
export function addTracesPrint(program: Command, io: CommandIo): Command {
  return addLogsOptions(
    program
      .command('traces')
      .description('print what services printed and traced, from Application Insights')
      .option('--contains <text>', 'only traces with this text; capitals do not matter')
      .option('--since <time>', 'from when on: 30m, 1h, 7d or 2026-11-01T10:00:00Z (default: 24h; with --follow: now)')
      .option('--until <time>', 'up to when')
      .option('--service <name>', 'only traces of this web service')
      .option('--request-id <id>', "only traces of this request: its id, or the caller's own")
      .addOption(new Option('--severity <level>', 'only traces at least as grave').choices(SEVERITIES))
      .option('--limit <n>', 'so many of the newest (default: 100)', parseCount)
      .option('--follow', 'go on with new traces until Ctrl-C; the service has them some minutes late')
      .option('--interval <seconds>', 'with --follow: wait between two looks (default: 15)', parseSeconds)
      .option('--timeout <seconds>', 'longest time for one query (default: 180)', parseSeconds)
      .addOption(new Option('--output <format>', 'how to print').choices(FORMATS).default('table')),
  ).action(async (options: PrintOptions) => (options.follow === true ? follow(options, io) : print(options, io)));
}

async function print(options: PrintOptions, io: CommandIo): Promise<void> {
  if (options.interval !== undefined) {
    throw new ValidationError({ path: '--interval', expected: 'together with --follow' });
  }
  const { lastTraces } = await import('@azureml-ts/insights');
  const { target, access } = await openLogs(options, io);
  const { limit, until } = options;
  const traces = await lastTraces(target, { ...filterOf(options, io), ...access, limit, until });
  if (options.output === 'jsonl') {
    for (const trace of traces) {
      await writeDocumentLine(io, traceJson(trace));
    }
  } else {
    const toRow = options.output === 'json' ? traceJson : traceRow;
    await writeRows(io, rowsOf(traces.map(toRow)), options.output);
  }
  if (traces.length === 0) {
    io.writeError(
      'azureml-ts: no such traces. They come some minutes after they were printed; look back further with --since, and see that the service has app insights enabled.\n',
    );
  }
}

async function follow(options: PrintOptions, io: CommandIo): Promise<void> {
  for (const [flag, value] of [
    ['--until', options.until],
    ['--limit', options.limit],
  ] as const) {
    if (value !== undefined) {
      throw new ValidationError({ path: flag, expected: 'left out together with --follow', received: value });
    }
  }
  const { followTraces } = await import('@azureml-ts/insights');
  const { target, access } = await openLogs(options, io);
  const traces = followTraces(target, {
    ...filterOf(options, io),
    ...access,
    intervalMs: options.interval,
    onRetry: (error) => io.writeError(`azureml-ts: trying again: ${harmlessLine(errorMessage(error))}\n`),
  });
  for await (const trace of traces) {
    await writeTrace(io, trace, options.output);
  }
  // The iteration ends quietly; the command says that it was ended.
  io.abortSignal?.throwIfAborted();
}

function writeTrace(io: CommandIo, trace: TraceRecord, output: PrintOptions['output']): Promise<void> {
  return output === 'table' ? io.writeOut(traceLine(trace)) : writeDocumentLine(io, traceJson(trace));
}

function filterOf(options: PrintOptions, io: CommandIo) {
  const { contains, since, service, requestId, severity, timeout } = options;
  const { abortSignal } = io;
  return { contains, since, serviceName: service, requestId, severity, timeoutMs: timeout, abortSignal };
}

async function* rowsOf<T>(rows: readonly T[]): AsyncGenerator<T> {
  yield* rows;
}
