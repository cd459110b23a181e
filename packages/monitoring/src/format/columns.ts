/**
 * The columns that every collected row ends with, after its features, in this order.
 *
 * | column | holds |
 * |---|---|
 * | `$aml_dc_correlation_id` | id of the `collect` call, `<writer>-<sequence>`; the predictions of a request carry the id of its inputs |
 * | `$aml_dc_user_correlation_id` | the caller's own id, empty when none was given |
 * | `$aml_dc_scoring_timestamp` | when the row was scored, ISO 8601 UTC with milliseconds |
 * | `$aml_request_id` | id of the HTTP request, empty outside a request |
 *
 * Source: the Python ModelDataCollector appends eight such columns; the other four only repeat parts of the path.
 */
export const CORRELATION_COLUMNS = [
  '$aml_dc_correlation_id',
  '$aml_dc_user_correlation_id',
  '$aml_dc_scoring_timestamp',
  '$aml_request_id',
] as const;

/** Name of the blob container that collected rows are stored in. Source: the Python ModelDataCollector. */
export const MODEL_DATA_CONTAINER = 'modeldata';
