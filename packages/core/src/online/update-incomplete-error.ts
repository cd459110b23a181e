import type { JsonValue } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';
import type { UpdateReport } from '../webservice/update-report.ts';

/**
 * An update of several parts of a service was done for some of them only. Code `UPDATE_INCOMPLETE`; `report` and
 * `details.parts` say of each part what happened. Calling `update` again does the rest.
 */
export class UpdateIncompleteError extends WebserviceError {
  /** What happened to each part. `planned`: not begun. */
  readonly report: UpdateReport;

  /** @param report What happened to each part. */
  constructor(report: UpdateReport) {
    const parts = report.parts.map((part) => ({ ...part, label: partLabel(part.deploymentName) }));
    const failed = parts.filter(({ outcome }) => outcome === 'failed');
    const open = parts.filter(({ outcome }) => outcome === 'planned').map(({ label }) => label);
    super(
      'UPDATE_INCOMPLETE',
      `The update of "${report.name}" is incomplete: ${failed.length} of ${parts.length} parts failed.` +
        failed.map(({ label, error }) => `\n- ${label}: ${error?.message ?? 'failed'}`).join('') +
        `${open.length === 0 ? '' : `\nNot begun because of that: ${open.join(', ')}.`}` +
        '\nRemove the cause and call update() again: parts that are done are left alone.',
      {
        cause: failed[0]?.error,
        retryable: failed.every(({ error }) => error?.retryable === true),
        details: {
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
