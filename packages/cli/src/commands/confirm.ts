import { AzuremlError, harmlessLine, waitAtMost } from '@azureml-ts/common';
import type { CommandIo } from '../io.ts';

/**
 * Asks before something that cannot be undone.
 *
 * @param io Whom to ask.
 * @param question The question, with what the answers are.
 * @param otherwise What is so when the answer is no.
 * @throws `NOT_CONFIRMED` when the answer is anything but yes.
 */
export async function confirm(io: CommandIo, question: string, otherwise: string): Promise<void> {
  const asked = io.ask?.(harmlessLine(question)) ?? Promise.resolve('');
  const answer = await waitAtMost(asked, 'The answer', { abortSignal: io.abortSignal });
  if (!/^\s*y(es)?\s*$/i.test(answer)) {
    throw new AzuremlError('NOT_CONFIRMED', `${otherwise}: the answer was not yes.`);
  }
}
