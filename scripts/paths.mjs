import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the scripts keep between runs (stamps, the lock); ignored by git. */
export const STATE = join(ROOT, '.build');
