import type { Outcome } from '../support/figure.ts';

/** One topic of the bench of the server. */
export type ServerPart = (progress: (line: string) => void) => Promise<Outcome>;

/** The body of every request: ten numbers, to be summed up. */
export const BODY = '{"data":[1,2.5,3,4.25,5,6,7,8,9.125,10]}';

/** The share of a peer that is at least to be reached. */
export function atLeastShare(share: number) {
  return { of: 'ratio', atLeast: share, text: `at least ${share}x` } as const;
}
