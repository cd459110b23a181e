import { setLogSink } from '@azureml-ts/common';
import { COLLECTOR_RULES } from '../rules/collector-v2-rules.ts';
import { UnreadableCase } from '../strict.ts';
import { passed, type Verdict } from '../verdict.ts';
import { collectorDifferenceLine, findCollectorDifferences } from './compare-case.ts';
import { playCase } from './play-case.ts';
import { type RecordedCase, recordedCases } from './recorded-case.ts';

/** Plays the cases of a file of the second-generation collector. */
export async function runSecondGeneration(content: unknown): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const recorded of recordedCases(content)) {
    verdicts.push(await runCase(recorded));
  }
  return verdicts;
}

async function runCase(recorded: RecordedCase): Promise<Verdict> {
  const { name, steps, note } = recorded;
  if (steps === null) {
    return { name, outcome: 'not run', lines: [note || 'steps cannot say what the caller did'], rules: [] };
  }
  const restore = setLogSink(() => undefined);
  try {
    const played = await playCase(recorded);
    const differences = findCollectorDifferences(recorded, played);
    const rules = new Set<string>();
    const lines: string[] = [];
    for (const difference of differences) {
      const scene = { recorded, played, differences };
      const rule = COLLECTOR_RULES.find((candidate) => candidate.explains(difference, scene));
      if (rule === undefined) {
        lines.push(collectorDifferenceLine(difference));
      } else if (rule.isCommon !== true) {
        rules.add(rule.id);
      }
    }
    return lines.length === 0 ? passed(name, rules) : { name, outcome: 'failed', lines, rules: [] };
  } catch (error) {
    if (error instanceof UnreadableCase) {
      return { name, outcome: 'failed', lines: [`cannot be read: ${error.message}`], rules: [] };
    }
    throw error;
  } finally {
    restore();
  }
}
