/** What became of one case. */
export interface Verdict {
  readonly name: string;
  /** `explained`: it differs as the compatibility rules say. */
  readonly outcome: 'equal' | 'explained' | 'failed' | 'not run';
  /** Differences, or why it was not run. */
  readonly lines: readonly string[];
  /** Rules that explain differences. */
  readonly rules: readonly string[];
}

/** A case without a difference that is not meant. */
export function passed(name: string, rules: Iterable<string>): Verdict {
  const used = [...rules];
  return { name, outcome: used.length === 0 ? 'equal' : 'explained', lines: [], rules: used };
}

/** What became of one file of recordings. */
export interface FileReport {
  /** Path below the folder of recordings. */
  readonly file: string;
  readonly verdicts: readonly Verdict[];
}

/** A file in lines: one a case, and its differences below it. */
export function reportLines({ file, verdicts }: FileReport): string[] {
  return verdicts.flatMap(({ name, outcome, lines, rules }) => {
    const reason = outcome === 'not run' ? `: ${lines.join('; ')}` : '';
    const explained = rules.length === 0 ? '' : ` (${rules.join(', ')})`;
    return [
      `${outcome.padEnd(9)} ${file} ${name}${explained}${reason}`,
      ...(outcome === 'failed' ? lines.map((line) => `          ${line}`) : []),
    ];
  });
}

/** The totals of a run, as the last lines. */
export function totalLines(reports: readonly FileReport[]): {
  readonly lines: readonly string[];
  readonly failed: number;
} {
  const count = (outcome: Verdict['outcome']) =>
    reports.flatMap(({ verdicts }) => verdicts).filter((verdict) => verdict.outcome === outcome).length;
  const [equal, explained, notRun] = [count('equal'), count('explained'), count('not run')];
  const nothing = equal + explained + count('failed') === 0;
  const failed = count('failed') + (nothing ? 1 : 0);
  return {
    lines: [
      ...(nothing ? ['failed    no recording was run'] : []),
      `${equal} equal, ${explained} explained by rules, ${notRun} not run`,
      `${equal + explained} passed, ${failed} failed`,
    ],
    failed,
  };
}
