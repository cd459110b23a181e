import type { Difference } from '../differences.ts';
import type { Outcome } from '../play.ts';
import type { Scenario, Step } from '../scenario-file.ts';

/** What a rule may look at. Never the name of a scenario: the same behaviour must be explained wherever it shows. */
export interface Scene {
  readonly steps: readonly Step[];
  readonly scenario: Omit<Scenario, 'name' | 'note'>;
  readonly outcome: Outcome;
}

/** How a rule is told on the page. */
export interface RuleText {
  /** Stable name, shown beside each case that it explains. */
  readonly id: string;
  /** What the peer does. */
  readonly peer: string;
  /** What ours does, and why. */
  readonly ours: string;
}

/** A difference that is meant. */
export interface ScenarioRule extends RuleText {
  /** It shows in nearly every case, so that it is not told beside each. Default `false`. */
  readonly isCommon?: boolean;
  /** Whether it explains a difference. */
  explains(difference: Difference, scene: Scene): boolean;
}

/** Statuses after which a request is sent again, if it may. */
export const TEMPORARY: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504, 530]);

/** Whether a request scores: it is none of the services that manage. */
export function isScoring(path: string): boolean {
  return !/^\/(modelmanagement|subscriptions|discovery|artifact|rp)\//.test(path);
}

/** Whether some operation was answered an end other than success. */
export function hasFailedOperation({ scenario }: Scene): boolean {
  return scenario.requests.some(({ path, answer }) => {
    const state = (answer.json as { readonly state?: unknown } | undefined)?.state;
    return /\/operations\//.test(path) && typeof state === 'string' && /^(failed|cancell?ed|timedout)$/i.test(state);
  });
}

/** The code of an error of ours in a difference. */
export function ourCode({ ours }: Difference): string | undefined {
  return (ours as { readonly code?: string } | null)?.code;
}

/** The type and text of an error of the peer in a difference. */
export function peerError({ recorded }: Difference): { readonly type: string; readonly message: string } | undefined {
  return (recorded as { readonly type: string; readonly message: string } | null) ?? undefined;
}
