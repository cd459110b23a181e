import type { Check } from './context.ts';
import { failedFinding, skipped } from './finding.ts';

const NAME = 'clock';
/** Days are UTC days of the scoring time: a minute is hardly seen. */
const WARN_MS = 60_000;
/** Tokens and signatures are refused from about this difference on. */
const FAIL_MS = 300_000;

/** How far the clock of this machine is from Azure's. */
export const clockCheck: Check = {
  name: NAME,
  async look(context) {
    const { workspace, isSignedIn } = context;
    if (workspace === undefined || !isSignedIn) {
      return [skipped(NAME, 'there is no token')];
    }
    let date: string | undefined;
    const startedAt = Date.now();
    try {
      const answer = await workspace.azure.send({
        method: 'GET',
        url: workspace.id,
        query: { 'api-version': '2022-10-01' },
        what: `Reading the workspace ${workspace.workspaceName}`,
        // Any answer has the time in it.
        accept: Array.from({ length: 400 }, (_, index) => 200 + index),
        ...context.limits,
      });
      date = answer.header('date');
    } catch (error) {
      return [failedFinding(NAME, error, 'Try again once Azure can be reached.', 'warn')];
    }
    const theirs = Date.parse(date ?? '');
    if (Number.isNaN(theirs)) {
      return [{ check: NAME, status: 'skip', message: 'the answer of Azure has no time in it' }];
    }
    return [findingOf(difference(theirs, startedAt, Date.now()))];
  },
};

/** The least difference that explains the answer: it was written while the request was under way, in whole seconds. */
function difference(theirs: number, startedAt: number, endedAt: number): number {
  return theirs + 1000 < startedAt ? theirs + 1000 - startedAt : theirs > endedAt ? theirs - endedAt : 0;
}

function findingOf(differenceMs: number) {
  const size = Math.abs(differenceMs);
  const message =
    size === 0
      ? 'agrees with that of Azure'
      : `${Math.round(size / 1000)} s ${differenceMs > 0 ? 'behind' : 'ahead of'} that of Azure`;
  const fix = 'Set the clock of this machine by a time server (NTP): rows are filed by it, and tokens depend on it.';
  return size < WARN_MS
    ? ({ check: NAME, status: 'ok', message } as const)
    : ({ check: NAME, status: size < FAIL_MS ? 'warn' : 'fail', message, fix } as const);
}
