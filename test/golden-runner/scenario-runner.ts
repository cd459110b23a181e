import { type Difference, differenceLine, findDifferences } from './differences.ts';
import { type Library, LibraryLacks } from './library.ts';
import { playScenario, withScenario } from './play.ts';
import { CREATE_RULES } from './rules/create-rules.ts';
import { REQUEST_RULES } from './rules/request-rules.ts';
import { RESULT_RULES } from './rules/result-rules.ts';
import type { ScenarioRule, Scene } from './rules/rule.ts';
import { UPDATE_RULES } from './rules/update-rules.ts';
import type { Scenario } from './scenario-file.ts';
import { UnreadableCase } from './strict.ts';
import { passed, type Verdict } from './verdict.ts';

const RULES: readonly ScenarioRule[] = [...REQUEST_RULES, ...UPDATE_RULES, ...CREATE_RULES, ...RESULT_RULES];

/** Plays one scenario of requests.json and compares. */
export async function runScenario(library: Library, name: string, entry: unknown): Promise<Verdict> {
  try {
    return await withScenario(name, entry, async (scenario, places) => {
      const reason = notPlayable(scenario);
      if (reason !== undefined) {
        return { name, outcome: 'not run', lines: [reason], rules: [] };
      }
      const outcome = await playScenario(library, scenario, places);
      const scene: Scene = { steps: scenario.steps ?? [], scenario, outcome };
      return judge(name, findDifferences(scenario, outcome), scene);
    });
  } catch (error) {
    if (error instanceof UnreadableCase) {
      return { name, outcome: 'failed', lines: [`cannot be read: ${error.message}`], rules: [] };
    }
    throw error;
  }
}

/** Why a scenario cannot be played. */
function notPlayable({ steps, note, requests, result }: Scenario): string | undefined {
  if (steps === null || (steps.length === 0 && requests.length === 0 && result === null)) {
    return `what was done has no JSON form${note === null ? '' : `: ${note}`}`;
  }
  return undefined;
}

function judge(name: string, differences: readonly Difference[], scene: Scene): Verdict {
  const used = new Set<string>();
  const left = differences.filter((difference) => {
    const rule = RULES.find((candidate) => candidate.explains(difference, scene));
    if (rule !== undefined && rule.isCommon !== true) {
      used.add(rule.id);
    }
    return rule === undefined;
  });
  const lines = left.map(differenceLine);
  // An error that the library did not make itself is a fault of the library or of this runner, whatever the rules say.
  for (const [step, error] of scene.outcome.errors) {
    if (error instanceof LibraryLacks) {
      lines.unshift(`step ${step} (${scene.steps[step]?.do}): ${error.message}`);
    }
  }
  return lines.length === 0
    ? passed(name, used)
    : { name, outcome: 'failed', lines: [...new Set(lines)], rules: [...used] };
}
