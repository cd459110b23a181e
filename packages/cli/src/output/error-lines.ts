import { errorMessage, isAzuremlError } from '@azureml-ts/common';
import type { CommandIo } from '../io.ts';

/**
 * Writes an error: one line for people, and, inside GitHub Actions or Azure Pipelines, one that the system shows as an
 * annotation. Secrets are taken out.
 */
export function writeError(io: CommandIo, error: unknown): void {
  const message = errorMessage(error);
  const code = isAzuremlError(error) ? error.code : undefined;
  const text = code === undefined ? message : `${message} [${code}]`;
  io.writeError(`azureml-ts: ${text}\n`);
  if (io.env['GITHUB_ACTIONS']) {
    io.writeError(`::error title=azureml-ts::${escapeForGithub(text)}\n`);
  }
  if (io.env['TF_BUILD']) {
    const property = code === undefined ? '' : `code=${code};`;
    io.writeError(`##vso[task.logissue type=error;${property}]${escapeForPipelines(text)}\n`);
  }
}

/** Source: GitHub's own toolkit escapes these three in the text of a command. */
function escapeForGithub(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Source: the same for the logging commands of Azure Pipelines, whose percent sign has a name of its own. */
function escapeForPipelines(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
