import { randomFillSync } from 'node:crypto';

/** Asking the system for a few bytes at a time costs more than the rest of a small request's bookkeeping. */
const POOL_BYTES = 4_096;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/**
 * Random lower-case hexadecimal digits.
 *
 * @param bytes How many bytes they stand for, at most 4,096.
 */
export function randomHex(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString('hex', used, used + bytes);
  used += bytes;
  return hex;
}
