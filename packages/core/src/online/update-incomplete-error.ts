import type { AzuremlError, JsonValue } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';
import type { UpdatePart, UpdateReport } from '../webservice/update-report.ts';

/**
 * An update of a service was done in part only. `report` and `details.parts` say of each part what happened. Calling
 * `update` again does the rest.
 *
 * Codes: `UPDATE_INCOMPLETE` (some of several parts failed), `TIMEOUT` (the time was up before the end; a part that is
 * `accepted` goes on at the service, `planned` was not begun).
 */
export class UpdateIncompleteError extends WebserviceError {
  /** What happened to each part. `planned`: not begun. */
  readonly report: UpdateReport;

  /**
   * @param report What happened to each part.
   * @param timeout The error of the time limit, when that was the end.
   */
  constructor(report: UpdateReport, timeout?: AzuremlError) {
    const { parts } = report;
    const failed = parts.filter(({ outcome }) => outcome === 'failed');
    const open = parts.filter(({ outcome }) => outcome === 'planned').map((part) => partLabel(part.deploymentName));
    const first = failed[0]?.error;
    super(
      timeout === undefined ? 'UPDATE_INCOMPLETE' : 'TIMEOUT',
      timeout === undefined
        ? `The update of "${report.name}" is incomplete: ${failed.length} of ${parts.length} parts failed.` +
            failed
              .map(({ deploymentName, error }) => `\n- ${partLabel(deploymentName)}: ${error?.message ?? 'failed'}`)
              .join('') +
            `${open.length === 0 ? '' : `\nNot begun because of that: ${open.join(', ')}.`}` +
            '\nRemove the cause and call update() again: parts that are done are left alone.'
        : `${timeout.message} By then: ${outcomes(parts)}. ` +
            'What was accepted goes on: waitForDeployment() waits for it; update() again does the rest.',
      {
        cause: timeout?.cause ?? first,
        retryable: timeout !== undefined || failed.every(({ error }) => error?.retryable === true),
        details: {
          ...timeout?.details,
          parts: parts.map(
            ({ deploymentName, outcome, error }): JsonValue => ({
              deploymentName: deploymentName ?? null,
              outcome,
              ...(error === undefined ? {} : { code: error.code, message: error.message }),
            }),
          ),
        },
      },
    );
    this.report = report;
  }
}

/** What a part of a service is called in texts. */
export function partLabel(deploymentName: string | undefined): string {
  return deploymentName === undefined ? 'the endpoint itself' : `deployment "${deploymentName}"`;
}

/** What happened to some parts, in words. */
export function outcomes(parts: readonly UpdatePart[]): string {
  return parts.map(({ deploymentName, outcome }) => `${partLabel(deploymentName)} ${WORDS[outcome]}`).join(', ');
}

const WORDS: Readonly<Record<UpdatePart['outcome'], string>> = {
  planned: 'was not begun',
  unchanged: 'was as asked already',
  accepted: 'was accepted',
  completed: 'was completed',
  failed: 'failed, or has no answer',
};
