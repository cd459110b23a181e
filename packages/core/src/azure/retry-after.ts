import { retryAfterMs } from '@azureml-ts/common';

/** A longer wait is the caller's to decide on, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 600_000;

/** The wait that an answer asks for, in milliseconds; none for 0, which Azure's own clients take as "not said". */
export function retryAfterOf(answer: { header(name: string): string | undefined }): number | undefined {
  const asked = retryAfterMs(answer.header('retry-after'));
  return asked === 0 ? undefined : asked;
}
