import { readFile } from 'node:fs/promises';
import { errorMessage, ValidationError, waitAtMost } from '@azureml-ts/common';
import type { Command } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { writeDocument } from '../../output/documents.ts';
import { shownText } from '../../output/foreign-text.ts';
import { parseSeconds } from '../parse-values.ts';

interface RunOptions extends ServiceCliOptions {
  readonly data?: string;
  readonly deployment?: string;
  readonly timeout?: number;
}

/** `azureml-ts service run`: scores one input. */
export function addServiceRun(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('run')
      .description('send one input to a service and print its answer')
      .argument('<name>')
      .option('--data <input>', 'a file, JSON itself, or - for standard input (default)')
      .option('--deployment <name>', 'deployment of an online endpoint, whatever the traffic rules say')
      .option('--timeout <seconds>', 'longest wait for the answer', parseSeconds),
  ).action((name: string, options: RunOptions) => run(name, options, io));
}

async function run(name: string, options: RunOptions, io: CommandIo): Promise<void> {
  const input = await readData(options.data ?? '-', io);
  const { service } = await findService(name, options, io);
  const answer = await service.run(input, {
    ...(options.deployment === undefined ? {} : { deploymentName: options.deployment }),
    timeoutMs: options.timeout,
    abortSignal: io.abortSignal,
  });
  if (options.output === 'json') {
    const { kind } = service;
    await writeDocument(
      io,
      answer instanceof Uint8Array
        ? { name, kind, answerBase64: Buffer.from(answer).toString('base64') }
        : { name, kind, answer: answer ?? null },
    );
  } else if (answer instanceof Uint8Array) {
    await (io.writeBytes?.(answer) ?? io.writeOut(Buffer.from(answer).toString('utf8')));
  } else {
    await io.writeOut(`${shownText(io, typeof answer === 'string' ? answer : (JSON.stringify(answer) ?? 'null'))}\n`);
  }
}

/** The input: bytes of a file or of standard input as they are, JSON given as the argument as its text. */
async function readData(data: string, io: CommandIo): Promise<string | Uint8Array> {
  if (data === '-') {
    const bytes =
      io.readInput === undefined
        ? new Uint8Array()
        : await waitAtMost(io.readInput(), 'The input', { abortSignal: io.abortSignal });
    if (bytes.length === 0) {
      throw wrongData('There is nothing on standard input');
    }
    return bytes;
  }
  if (isJson(data)) {
    return data;
  }
  try {
    return await readFile(data);
  } catch (error) {
    throw wrongData(`It is no JSON, and no file that can be read (${errorMessage(error)})`, error);
  }
}

function wrongData(what: string, cause?: unknown): ValidationError {
  return new ValidationError({
    path: '--data',
    expected: 'a file, JSON or -',
    message: `${what}. Give --data a file, JSON such as '{"data":[[1,2]]}', or - and the input on standard input.`,
    cause,
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
