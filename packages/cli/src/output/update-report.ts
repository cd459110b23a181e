import { isAzuremlError, type JsonValue } from '@azureml-ts/common';
import type { UpdatePart, UpdateReport } from '@azureml-ts/core';
import { errorIds, errorText } from './error-text.ts';
import type { Row } from './table.ts';

/** What happened to one service of an update. */
export interface UpdateResult {
  readonly name: string;
  readonly kind?: string | undefined;
  readonly report?: UpdateReport | undefined;
  readonly error?: unknown;
}

/** One line for a service among many. */
export function resultRow({ name, kind, report, error }: UpdateResult): Row {
  const parts = report?.parts ?? [];
  const outcomes = [...new Set(parts.map(({ outcome }) => outcome))];
  return {
    name,
    kind: kind ?? '',
    outcome: error !== undefined ? 'failed' : outcomes.length === 0 ? 'unchanged' : outcomes.join(', '),
    changes: parts.reduce((sum, part) => sum + part.changes.length, 0),
    isRolling: parts.some(({ isRolling }) => isRolling),
    ...(error === undefined ? {} : { error: errorText(error).replace(/\s*\n\s*/g, ' ') }),
  };
}

/** The same as JSON, whole. */
export function resultJson({ name, kind, report, error }: UpdateResult): Row {
  return {
    name,
    kind: kind ?? report?.kind ?? null,
    isDryRun: report?.isDryRun ?? null,
    parts: report?.parts.map(partJson) ?? [],
    error: error === undefined ? null : errorJson(error),
  };
}

function partJson({ deploymentName, changes, isRolling, outcome, error }: UpdatePart): Row {
  return {
    deploymentName: deploymentName ?? null,
    outcome,
    isRolling,
    changes: changes.map(({ path, from, to }) => ({ path, from: from ?? null, to: to ?? null, ...presence(from, to) })),
    error: error === undefined ? null : errorJson(error),
  };
}

/** JSON has no `undefined`: whether a field is added or removed is said apart. */
function presence(from: JsonValue | undefined, to: JsonValue | undefined): Row {
  return { kind: from === undefined ? 'added' : to === undefined ? 'removed' : 'changed' };
}

/** What programs need of an error. */
export function errorJson(error: unknown): Row {
  const failure = isAzuremlError(error) ? error : undefined;
  const { requestId, operationId } = errorIds(error);
  return {
    code: failure?.code ?? null,
    message: errorText(error),
    statusCode: failure?.statusCode ?? null,
    requestId: requestId ?? null,
    operationId: operationId ?? null,
  };
}
