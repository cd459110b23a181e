import { join } from 'node:path';

/** The folder of the checkout. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** What the scripts and the tests keep in the checkout; ignored by git. */
export const STATE = join(ROOT, '.build');
