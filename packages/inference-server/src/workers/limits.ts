/** Most worker processes of one server. */
export const MAX_WORKERS = 1_024;

/** Longest standstill of a worker unless set otherwise, in seconds; as in the reference server. */
export const DEFAULT_WORKER_TIMEOUT_SECONDS = 300;
