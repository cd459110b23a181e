import { fileURLToPath } from 'node:url';

/** The file that a worker process runs. It stands beside the built file that holds this line. */
export const WORKER_FILE: string = fileURLToPath(new URL('./worker.js', import.meta.url));
