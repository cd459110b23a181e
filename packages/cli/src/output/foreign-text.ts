import { harmless, redactSecrets } from '@azureml-ts/common';
import type { CommandIo } from '../io.ts';

/**
 * A text that a service wrote. Where a terminal or a build system reads it, it is without whatever steers those; else as
 * it is.
 */
export function shownText(io: Pick<CommandIo, 'env' | 'isTerminal'>, text: string): string {
  const isBuild = Boolean(io.env['GITHUB_ACTIONS'] || io.env['TF_BUILD']);
  return io.isTerminal || isBuild ? harmless(text) : text;
}

/** As {@link shownText}, without secrets: logs quote connection strings and keys. */
export function logText(io: Pick<CommandIo, 'env' | 'isTerminal'>, text: string): string {
  return shownText(io, redactSecrets(text));
}
