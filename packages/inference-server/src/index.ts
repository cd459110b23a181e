/**
 * Hosts the `init()` and `run()` of a scoring script over HTTP.
 *
 * @packageDocumentation
 */

export type { ParentMessage } from './command/parent-channel.ts';
export { type ServeCommandOptions, serveCommand } from './command/serve-command.ts';
export { type ContainerFileName, containerFiles } from './container/container-files.ts';
export type { ContainerOptions } from './container/container-options.ts';
export {
  type WriteContainerFilesOptions,
  type WrittenContainerFiles,
  writeContainerFiles,
} from './container/write-container-files.ts';
export { EntryScriptInvalidError, EntryScriptNotFoundError, InitFailedError, PortInUseError } from './errors.ts';
export type { HttpOptions } from './http/http-options.ts';
export type { AccessLogFormat } from './log/access-log.ts';
export type { StartServerOptions } from './options.ts';
export { type CollectorFeature, collectorFeatures } from './schema/collector-features.ts';
export { defineSchema, type InputsOf, type SchemaDefinition, type ScoringSchema } from './schema/define-schema.ts';
export type {
  AnySchema,
  ArraySchema,
  BooleanSchema,
  DateTimeSchema,
  NumberSchema,
  ObjectSchema,
  StringSchema,
  ValueOf,
  ValueSchema,
  ValueSchemas,
  ValuesOf,
} from './schema/value-schema.ts';
export { type SchemaFunction, withSchema } from './schema/with-schema.ts';
export { jsonLines } from './score/json-lines.ts';
export { type RawHttpFunction, rawHttp } from './score/raw-http.ts';
export { ScoringResponse, type ScoringResponseOptions } from './score/scoring-response.ts';
export type { RequestHeaders, Scoring } from './script/scoring.ts';
export { type CloseServerOptions, type InferenceServer, startServer } from './server.ts';
export { WorkerFailedError, WorkersKeepFailingError } from './workers/errors.ts';
