import type { Correlations } from '../collector/correlations.ts';
import { inQuotes } from '../rows/describe-value.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';
import type { PythonCells } from './python-columns.ts';
import type { PythonIdentity } from './python-identity.ts';

/** Id of a request where there is none. Source: azureml-monitoring. */
export const NO_REQUEST = '00000000-0000-0000-0000-000000000000';

const MAX_ID_LENGTH = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * The correlations of a call in the layout `python-v1`: its own keys are those of the dictionary that the Python package
 * returns, in its order. What {@link Correlations} names can be read beside them.
 */
export class PythonCorrelations implements Correlations, PythonCells {
  readonly $aml_dc_scoring_timestamp: string;
  readonly $aml_request_id: string;
  readonly $aml_dc_correlation_id: string;
  readonly $aml_dc_boundary: string | number;
  readonly $aml_workspace: string;
  readonly $aml_service_name: string;
  readonly $aml_model_name: string;
  readonly $aml_model_version: string | number;
  readonly #userCorrelationId: string | readonly string[] | undefined;

  /**
   * @param cells The values.
   * @param userCorrelationId The caller's own id: one that the id of the call begins with, or one for each row.
   */
  constructor(cells: PythonCells, userCorrelationId: string | readonly string[] | undefined) {
    this.$aml_dc_scoring_timestamp = String(cells.$aml_dc_scoring_timestamp);
    this.$aml_request_id = String(cells.$aml_request_id);
    this.$aml_dc_correlation_id = String(cells.$aml_dc_correlation_id);
    this.$aml_dc_boundary = cells.$aml_dc_boundary;
    this.$aml_workspace = String(cells.$aml_workspace);
    this.$aml_service_name = String(cells.$aml_service_name);
    this.$aml_model_name = String(cells.$aml_model_name);
    this.$aml_model_version = cells.$aml_model_version;
    this.#userCorrelationId = userCorrelationId;
    Object.freeze(this);
  }

  /** See {@link Correlations.correlationId}. */
  get correlationId(): string {
    return this.$aml_dc_correlation_id;
  }

  /** See {@link Correlations.userCorrelationId}. */
  get userCorrelationId(): string | readonly string[] | undefined {
    return this.#userCorrelationId;
  }

  /** See {@link Correlations.scoringTimestamp}: with the zone that the Python package leaves out. */
  get scoringTimestamp(): string {
    const time = this.$aml_dc_scoring_timestamp;
    return time.endsWith('Z') ? time : `${time}Z`;
  }

  /** See {@link Correlations.requestId}. */
  get requestId(): string | undefined {
    return this.$aml_request_id === NO_REQUEST ? undefined : this.$aml_request_id;
  }
}

/**
 * Takes what a caller hands over: what `collect` returned in this layout or in the documented one, in this process or as
 * JSON in another one.
 *
 * @param given Anything.
 * @param identity Stands for what is missing.
 * @throws InvalidRows when it has no id or time of scoring, or cannot be stored.
 */
export function readPythonCorrelations(given: object, identity: PythonIdentity): PythonCorrelations {
  if (given instanceof PythonCorrelations) {
    return given;
  }
  const fields = given as Readonly<Record<string, unknown>> & Partial<Correlations>;
  if (fields['$aml_dc_correlation_id'] !== undefined) {
    return new PythonCorrelations(
      readCells((name) => fields[name], identity),
      undefined,
    );
  }
  const { correlationId, userCorrelationId, scoringTimestamp, requestId } = fields;
  // One id of the caller's own stands before that of the call.
  const id = typeof userCorrelationId === 'string' ? `${userCorrelationId}-${correlationId}` : correlationId;
  const cells = readCells(
    (name) =>
      ({
        $aml_dc_correlation_id: correlationId === undefined ? undefined : id,
        $aml_dc_scoring_timestamp: scoringTimestamp?.replace(/Z$/, ''),
        $aml_request_id: requestId,
      })[name],
    identity,
  );
  return new PythonCorrelations(cells, userCorrelationId);
}

/**
 * Reads the values of one row; those that are missing are taken from the collector.
 *
 * @throws InvalidRows when there is no id or time of scoring.
 */
export function readCells(valueAt: (name: string) => unknown, identity: PythonIdentity): PythonCells {
  const read = (name: string, byDefault: string | number | undefined): string | number => {
    const value = valueAt(name) ?? byDefault;
    if (value === undefined || value === '') {
      throw new InvalidRows(undefined, `the row has no ${name}; pass what addCorrelations or collect returned`);
    }
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
      throw new InvalidRows(undefined, `${name} must be a text or a number`);
    }
    return typeof value === 'bigint' ? String(value) : value;
  };
  return {
    $aml_dc_correlation_id: checkedId(read('$aml_dc_correlation_id', undefined)),
    $aml_dc_scoring_timestamp: read('$aml_dc_scoring_timestamp', undefined),
    $aml_dc_boundary: read('$aml_dc_boundary', identity.boundary),
    $aml_workspace: read('$aml_workspace', identity.workspace),
    $aml_service_name: read('$aml_service_name', identity.serviceName),
    $aml_model_name: read('$aml_model_name', identity.modelName),
    $aml_model_version: read('$aml_model_version', identity.modelVersion),
    $aml_request_id: read('$aml_request_id', NO_REQUEST),
  };
}

/**
 * Checks an id that came from outside.
 *
 * @throws InvalidRows when it is empty, longer than 512 characters, or holds a control character.
 */
function checkedId(id: string | number): string | number {
  if (String(id).length > 2 * MAX_ID_LENGTH || CONTROL.test(String(id))) {
    throw new InvalidRows(
      undefined,
      `the correlation id ${inQuotes(String(id))} must have at most ${2 * MAX_ID_LENGTH} characters and no control characters`,
    );
  }
  return id;
}

/**
 * Checks the caller's own ids.
 *
 * @throws InvalidRows when one is no text of at most 256 characters without control characters.
 */
export function checkOwnIds(ids: string | readonly string[] | undefined): void {
  for (const id of typeof ids === 'object' ? ids : [ids]) {
    if (id !== undefined && (typeof id !== 'string' || id.length > MAX_ID_LENGTH || CONTROL.test(id))) {
      throw new InvalidRows(
        undefined,
        `a correlation id must be a text of at most ${MAX_ID_LENGTH} characters without control characters`,
      );
    }
  }
}
