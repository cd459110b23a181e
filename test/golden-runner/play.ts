import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Exchange } from './exchange.ts';
import type { Library } from './library.ts';
import { type Places, WORKSPACE } from './placeholders.ts';
import { opensWorkspace, startReplayServer, uploadsFile } from './replay-server.ts';
import { readScenario, type Scenario } from './scenario-file.ts';
import type { Stage } from './stage.ts';
import { checkSteps, playStep } from './steps.ts';

/** Where tokens may go; every request for it is sent to loopback. */
export const BASE = 'https://golden.azureml-ts.invalid';
export const ARM_TOKEN = 'golden-arm-token';

/** What became of the steps of a scenario. */
export interface Outcome {
  /** What was sent, without what only opened the workspace. */
  readonly exchanges: readonly Exchange[];
  /** Value of each step that was played. */
  readonly values: readonly unknown[];
  /** What the steps threw, by their index. */
  readonly errors: ReadonlyMap<number, unknown>;
}

/** A timed-out wait of the recording lasts about so long here. */
const WAIT_MS = 300;

/** Reads a scenario with a folder of its own and gives both to some work. */
export async function withScenario<T>(
  name: string,
  entry: unknown,
  work: (scenario: Scenario, places: Places) => Promise<T>,
): Promise<T> {
  const tmp = await mkdtemp(join(tmpdir(), 'golden-'));
  try {
    const places = { base: BASE, tmp, armToken: ARM_TOKEN };
    return await work(readScenario(name, entry, places), places);
  } finally {
    await rm(tmp, { recursive: true, force: true });
  }
}

/** Plays the steps of a scenario with a library, against a server that answers as recorded. */
export async function playScenario(library: Library, scenario: Scenario, places: Places): Promise<Outcome> {
  const steps = scenario.steps ?? [];
  checkSteps(steps);
  await using server = await startReplayServer(scenario.requests, places);
  const waits = steps.flatMap(({ args }) => (typeof args['timeout_sec'] === 'number' ? [args['timeout_sec']] : []));
  const msPerSecond = waits.length === 0 ? 0 : Math.min(20, WAIT_MS / Math.max(1, ...waits));
  const stage: Stage = {
    library,
    base: places.base,
    workspace: library.openWorkspace({
      ...WORKSPACE,
      base: places.base,
      armToken: places.armToken,
      policy: server.policy,
      // The peer looks every 5 s.
      pollIntervalMs: 5 * msPerSecond,
    }),
    current: undefined,
    msPerSecond,
    leastTimeoutMs: scenario.error === null ? 10_000 : 0,
    environment: new Map(),
  };
  const values: unknown[] = [];
  const errors = new Map<number, unknown>();
  try {
    for (const [index, step] of steps.entries()) {
      try {
        values.push(await playStep(stage, step));
      } catch (error) {
        values.push(null);
        errors.set(index, error);
      }
      // What comes after the recorded error was not reached.
      if (index === scenario.errorAt) {
        break;
      }
    }
  } finally {
    for (const [name, value] of stage.environment) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  }
  const opens = steps.some((step) => step.do === 'openWorkspace');
  const exchanges = server.exchanges.filter(
    (exchange) => (opens || !opensWorkspace(exchange)) && !uploadsFile(exchange),
  );
  return { exchanges, values, errors };
}
