import { main } from '../../src/index.ts';
import type { RecordedIo } from '../recorded-io.ts';

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly fix: string | null;
  readonly code: string | null;
}

/** What the doctor found. */
export interface Examination {
  readonly code: number;
  /** Findings of one check. */
  of(check: string): readonly Finding[];
  /** The last status of each check. */
  readonly statuses: Readonly<Record<string, string>>;
}

/** Runs the doctor, which writes JSON. */
export async function examine(argv: readonly string[], io: RecordedIo): Promise<Examination> {
  const code = await main(['doctor', '--output', 'json', ...argv], io);
  const { findings } = JSON.parse(io.out) as { findings: Finding[] };
  return {
    code,
    of: (check) => findings.filter((finding) => finding.check === check),
    statuses: Object.fromEntries(findings.map(({ check, status }) => [check, status])),
  };
}
