import { isAzuremlError } from '@azureml-ts/common';
import { errorTextWithIds } from '../output/error-text.ts';

/** How a check ended: `skip` when it could not be made because of an earlier finding. */
export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

/** One line of `azureml-ts doctor`. */
export interface Finding {
  /** Stable name of the check, for example `sign-in`. */
  readonly check: string;
  readonly status: FindingStatus;
  /** What was found. */
  readonly message: string;
  /** What to do about it; there for every `warn` and `fail`. */
  readonly fix?: string | undefined;
  /** Code of the error behind it. */
  readonly code?: string | undefined;
}

/** A finding for a check that threw. */
export function failedFinding(check: string, error: unknown, fix: string, status: FindingStatus = 'fail'): Finding {
  const code = isAzuremlError(error) ? error.code : undefined;
  return { check, status, message: errorTextWithIds(error), fix, code };
}

/** A finding for a check that could not be made. */
export function skipped(check: string, because: string): Finding {
  return { check, status: 'skip', message: `not looked at: ${because}` };
}
