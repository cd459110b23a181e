import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { Tell } from './finding.ts';
import type { FindingList } from './finding-list.ts';

/** By day: the writers about which there are errors, `undefined` standing for the day itself. */
export type Faults = ReadonlyMap<UtcDay | undefined, ReadonlySet<string | undefined>>;

/** Takes what is found about one stream, and remembers what it breaks. */
export function faultTell(
  findings: FindingList,
  isStrict: boolean,
  about: { readonly designation: string; readonly modelVersion: string },
): { readonly faults: Faults; readonly tell: Tell } {
  const faults = new Map<UtcDay | undefined, Set<string | undefined>>();
  const tell: Tell = (finding) => {
    if (finding.severity === 'error' || isStrict) {
      faults.set(finding.day, (faults.get(finding.day) ?? new Set()).add(finding.writer));
    }
    findings.add({ ...about, ...finding });
  };
  return { faults, tell };
}
