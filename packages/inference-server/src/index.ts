/**
 * Hosts the `init()` and `run()` of a scoring script over HTTP.
 *
 * @packageDocumentation
 */

export type { ParentMessage } from './command/parent-channel.ts';
export { type ServeCommandOptions, serveCommand } from './command/serve-command.ts';
export { EntryScriptInvalidError, EntryScriptNotFoundError, InitFailedError, PortInUseError } from './errors.ts';
export type { StartServerOptions } from './options.ts';
export type { RequestHeaders, Scoring } from './script/scoring.ts';
export { type CloseServerOptions, type InferenceServer, startServer } from './server.ts';
