/** Most rows of one answer. Source: the service limits of Azure Monitor Logs. @internal */
export const MAX_ROWS = 500_000;
/** Time that the service works on a query when not told otherwise, in milliseconds. @internal */
export const DEFAULT_TIMEOUT_MS = 180_000;
/** Longest time that the service works on a query, in seconds. @internal */
export const MAX_SERVER_SECONDS = 600;
