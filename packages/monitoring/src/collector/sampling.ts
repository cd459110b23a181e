import { hash } from 'node:crypto';

/**
 * Decides by the correlation id whether a call is kept: the inputs and the predictions of a request share their id, so
 * both are kept or both are dropped, also by different processes.
 *
 * @param correlationId Id of the call.
 * @param rate Share that is kept, 0 to 1.
 */
export function isSampled(correlationId: string, rate: number): boolean {
  if (rate >= 1) {
    return true;
  }
  return Number.parseInt(hash('sha256', correlationId).slice(0, 8), 16) / 0x1_0000_0000 < rate;
}
