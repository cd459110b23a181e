import { harmless, harmlessLine, isAzuremlError } from '@azureml-ts/common';
import type { CommandIo } from '../io.ts';
import { errorTextWithIds } from './error-text.ts';

/**
 * Writes an error: one line for people, with the ids that support asks for, and, inside GitHub Actions or Azure Pipelines, one that the system shows as an
 * annotation. Secrets are taken out, and nothing in the message can give the system a command.
 *
 * @param io Where to write to.
 * @param error What failed.
 * @param code Code of an error that has none of its own.
 */
export function writeError(io: CommandIo, error: unknown, code?: string): void {
  io.writeError(`azureml-ts: ${harmlessLine(textOf(error, code))}\n`);
  writeAnnotation(io, error, code);
}

/** Writes only the annotation, for an error that has its line already. */
export function writeAnnotation(io: CommandIo, error: unknown, givenCode?: string): void {
  const code = codeOf(error, givenCode);
  const text = harmless(textOf(error, givenCode));
  if (io.env['GITHUB_ACTIONS']) {
    io.writeError(`::error title=azureml-ts::${escapeForGithub(text)}\n`);
  }
  if (io.env['TF_BUILD']) {
    const property = code === undefined ? '' : `code=${code};`;
    io.writeError(`##vso[task.logissue type=error;${property}]${escapeForPipelines(text)}\n`);
  }
}

function textOf(error: unknown, givenCode: string | undefined): string {
  const code = codeOf(error, givenCode);
  const text = errorTextWithIds(error);
  return code === undefined ? text : `${text} [${code}]`;
}

function codeOf(error: unknown, givenCode: string | undefined): string | undefined {
  return isAzuremlError(error) ? error.code : givenCode;
}

/** Source: GitHub's own toolkit escapes these three in the text of a command. */
function escapeForGithub(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Source: the same for the logging commands of Azure Pipelines, whose percent sign has a name of its own. */
function escapeForPipelines(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
