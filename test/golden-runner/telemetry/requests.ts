/** One request that was made, with what the recordings do not say of it. */
export interface MadeRequest {
  /** What the caller gave as `x-request-id`. */
  readonly requestId?: string;
  /** What the caller gave as `x-ms-client-request-id`. */
  readonly clientRequestId?: string;
  /** What was posted to `/score`; its `mode` is what the script does (`scripts/score.ts`). */
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/**
 * The requests of the recordings in their order, as the README beside them tells it. A recorded one is found by its ids
 * and, where the recording has it, its body.
 */
export const MADE_REQUESTS: readonly MadeRequest[] = [
  { requestId: 'rid-1', clientRequestId: 'crid-1', body: '{"mode":"ok","data":[1,2]}' },
  { requestId: 'rid-2', body: '{"mode":"json","data":[[1,2],[3,4]]}' },
  { requestId: 'rid-3', body: '{"mode":"raise"}' },
  { requestId: 'rid-4', body: '{"mode":"big"}' },
  { body: '{"mode":"object"}' },
  { body: '{"mode":"none"}' },
  { body: '{"mode":"str"}' },
  { body: '{"mode":"nan"}' },
  { requestId: 'rid-5', body: '{"mode":"multi"}' },
  { body: Uint8Array.of(0xff, 0xfe) },
  { body: '' },
];

/** How a process ends whose `init()` failed, as the README tells it. */
export const FAILED_START_EXIT_CODE = 3;

/** The settings that the recordings were made with. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = {
  AML_APP_INSIGHTS_ENABLED: 'true',
  SERVICE_NAME: 'my-svc',
  WORKSPACE_NAME: 'my-ws',
  HOSTNAME: 'cont-1',
  AZUREML_MODEL_DIR: '/var/models/best_model/10',
};
