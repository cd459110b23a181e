/** The end of a log, as one look found it. */
export interface LogPage {
  /** What the service says of its instance before the log: states and events. */
  readonly preamble: readonly string[];
  /** Lines that are complete. */
  readonly lines: readonly string[];
  /** Text after the last line end; empty when there is none. */
  readonly partial: string;
  /** Whether there is nothing before it, because fewer lines came than were asked for. */
  readonly isWhole: boolean;
}

/**
 * Takes the answer of one look apart.
 *
 * @param text The answer; lines end with LF or CRLF.
 * @param asked How many lines were asked for.
 */
export function readLogPage(text: string, asked: number): LogPage {
  const all = text.split(/\r?\n/);
  // The LF of a CRLF may come later.
  const partial = (all.pop() ?? '').replace(/\r$/, '');
  const begin = preambleLength(all);
  return {
    preamble: all.slice(0, begin),
    lines: all.slice(begin),
    partial,
    isWhole: all.length + (partial === '' ? 0 : 1) < asked,
  };
}

/**
 * Managed deployments put a description of the instance before the log, which changes while the log does not move on.
 *
 * Source: the example output of `Get-AzMLWorkspaceOnlineDeploymentLog`.
 */
function preambleLength(lines: readonly string[]): number {
  if (lines[0] !== 'Instance status:') {
    return 0;
  }
  let at = 1;
  const skip = (pattern: RegExp) => {
    while (pattern.test(lines[at] ?? 'end')) {
      at += 1;
    }
  };
  skip(/^\w+: \w+$/);
  skip(/^$/);
  if (lines[at] === 'Container events:') {
    at += 1;
    skip(/^Kind: /);
    skip(/^$/);
  }
  if (lines[at] === 'Container logs:') {
    at += 1;
  }
  return at;
}
