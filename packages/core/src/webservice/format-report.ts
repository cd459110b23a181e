import type { FieldChange, UpdatePart, UpdateReport } from './update-report.ts';

/**
 * Writes the report of an update for people: a line for the service, one for each part, and one for each field.
 *
 * @param report What `update()` returned.
 * @returns Lines without a line end at the end. What may be a secret is masked, as in the report.
 * @example
 * ```ts
 * import { formatUpdateReport } from '@azureml-ts/core';
 *
 * const changes = [{ path: '/properties/appInsightsEnabled', from: false, to: true }];
 * const part = { deploymentName: 'blue', changes, isRolling: true, outcome: 'planned' as const };
 * console.log(formatUpdateReport({ name: 'loans', kind: 'OnlineEndpoint', isDryRun: true, parts: [part] }));
 * // OnlineEndpoint "loans": dry run, nothing was sent
 * // deployment "blue": would change; instances would be replaced, one after the other
 * //   /properties/appInsightsEnabled: false -> true
 * ```
 */
export function formatUpdateReport(report: UpdateReport): string {
  const { name, kind, isDryRun, parts } = report;
  return [
    `${kind} "${name}": ${isDryRun ? 'dry run, nothing was sent' : summary(parts)}`,
    ...parts.flatMap((part) => [
      `${part.deploymentName === undefined ? 'the service' : `deployment "${part.deploymentName}"`}: ${words(part)}`,
      ...part.changes.map(change),
    ]),
  ].join('\n');
}

function summary(parts: readonly UpdatePart[]): string {
  if (parts.every(({ outcome }) => outcome === 'unchanged')) {
    return 'nothing to do';
  }
  const counted = ['completed', 'accepted', 'failed', 'planned', 'unchanged'].flatMap((outcome) => {
    const count = parts.filter((part) => part.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${outcome === 'planned' ? 'not begun' : outcome}`];
  });
  return counted.join(', ');
}

function words({ outcome, isRolling, error }: UpdatePart): string {
  const rolling = (verb: string) => (isRolling ? `; instances ${verb} replaced, one after the other` : '');
  switch (outcome) {
    case 'unchanged':
      return 'as asked already';
    case 'planned':
      return `would change${rolling('would be')}`;
    case 'accepted':
      return `accepted; the service works on it${rolling('are being')}`;
    case 'completed':
      return `changed${rolling('were')}`;
    default:
      return `failed: ${error?.message ?? 'the cause is not known'}`;
  }
}

function change({ path, from, to }: FieldChange): string {
  const value = (given: FieldChange['from']) => (given === undefined ? '(none)' : JSON.stringify(given));
  return `  ${path}: ${value(from)} -> ${value(to)}`;
}
