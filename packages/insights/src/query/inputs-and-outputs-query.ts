import { BODIES_MESSAGE } from '../items/item-factory.ts';
import { equals, filterLines, type LogsFilter, namesFor, property } from './filters.ts';
import { kqlCount } from './kql-text.ts';
import { MAX_ROWS } from './limits.ts';
import { type LogsQuery, queryOf } from './query-text.ts';
import { projectLine, type TraceFilter, traceLines } from './traces-query.ts';

/** Options of {@link inputsAndOutputsQuery}. */
export interface InputsAndOutputsQueryOptions extends LogsFilter, Pick<TraceFilter, 'requestId'> {
  /** Of how many requests, the newest first, 1 to 500,000. Default 10. */
  readonly last?: number | undefined;
}

/** A row of {@link inputsAndOutputsQuery}. */
export interface InputsAndOutputsRow {
  /** When it was. */
  readonly timestamp: Date;
  /** Id of the request. */
  readonly requestId: string;
  /** Id that the caller gave; empty when none. */
  readonly clientRequestId: string;
  /** Body of the request; a long one is a preview, or the pointer to the whole of it. */
  readonly input: string;
  /** Body of the answer; a long one as above. */
  readonly output: string;
  /** `true` where something was shortened. */
  readonly truncated: string;
  /** Trace id of the request. */
  readonly operation_Id: string;
  /** Name of the service. */
  readonly cloud_RoleName: string;
  /** Id of the item. */
  readonly itemId: string;
}

/**
 * Writes the query for the inputs and outputs of the newest requests, as a service records them with its telemetry on.
 *
 * @param options `last` (default 10), `since` (default 24 hours), `requestId`, ...
 * @returns The query, for {@link queryLogs} or the portal.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 * @example
 * ```ts
 * import { inputsAndOutputsQuery } from '@azureml-ts/insights';
 *
 * console.log(inputsAndOutputsQuery({ last: 20, serviceName: 'my-svc' }));
 * ```
 *
 * Source: the trace `model_data_collection` of the reference inference server.
 */
export function inputsAndOutputsQuery(options: InputsAndOutputsQueryOptions = {}): LogsQuery<InputsAndOutputsRow> {
  const { last = 10, requestId } = options;
  const names = namesFor(options);
  return queryOf([
    names.traces,
    ...filterLines(names, options),
    `| where ${equals(names.message, BODIES_MESSAGE)}`,
    ...traceLines(names, { requestId }),
    `| top ${kqlCount(last, 'last', MAX_ROWS)} by ${names.time} desc`,
    projectLine([
      ['timestamp', names.time],
      ['requestId', property(names, 'Request Id')],
      ['clientRequestId', property(names, 'Client Request Id')],
      ['input', property(names, 'Input')],
      ['output', property(names, 'Prediction')],
      ['truncated', property(names, 'truncated')],
      ['operation_Id', names.operationId],
      ['cloud_RoleName', names.roleName],
      ['itemId', names.itemId],
    ]),
  ]);
}
