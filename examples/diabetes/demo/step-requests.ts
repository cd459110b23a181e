import type { Checks } from './checks.ts';
import { batches } from './dataset.ts';
import type { Scorer } from './scorer.ts';

/** Single rows and batches by turns, so that a row's place in its request matters. */
const BATCH_SIZES = [1, 7, 1, 32, 3, 64];

/** Scores the whole table over HTTP. */
export async function scoreTable(checks: Checks, scorer: Scorer, rowCount: number): Promise<void> {
  const requests = batches(rowCount, BATCH_SIZES);
  checks.progress(`scoring ${rowCount} rows in ${requests.length} requests`);
  await scorer.scoreAll(checks, `all ${rowCount} predictions equal scikit-learn's in every bit`, requests);
}

/** Sends what cannot be scored, and then something that can. */
export async function sendBadRequests(checks: Checks, scorer: Scorer): Promise<void> {
  const bad = [
    { name: 'a malformed request', body: '{"data": [[59, 2, 32.1', sentence: /^The request is not valid JSON: / },
    { name: 'an empty request', body: '', sentence: /^The request is empty: / },
    { name: 'a row that is too short', body: '{"data": [[59, 2]]}', sentence: /has 2 values, but the model has 10/ },
  ];
  for (const { name, body, sentence } of bad) {
    const error = await scorer.refused(body);
    checks.holds(`${name} is answered with a clear error`, sentence.test(error ?? ''), () => `the answer was ${error}`);
  }
  await scorer.scoreAll(checks, 'the service goes on after bad requests', [[0]]);
}
