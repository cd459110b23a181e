import { once } from 'node:events';
import type { Checks } from './checks.ts';
import { Cleanup } from './cleanup.ts';
import { loadDataset } from './dataset.ts';
import { Scorer } from './scorer.ts';
import { type Stage, startStage } from './stage.ts';
import { checkStored, checkStoredAtEnd } from './step-read-back.ts';
import { scoreTable, sendBadRequests } from './step-requests.ts';
import { flipSwitches } from './step-switches.ts';
import { checkTraces, checkTracesAtEnd } from './step-traces.ts';

const LOG_LINES = 5;

/** What the scenario needs to know. */
export interface ScenarioOptions {
  /** Folder of the example. */
  readonly example: string;
  /** Leave everything up until the signal is aborted. */
  readonly keep: boolean;
  readonly checks: Checks;
  /** Ends the scenario early; whatever was started is stopped all the same. */
  readonly abortSignal: AbortSignal;
}

/** Plays the whole scenario; whatever it started has ended when it returns. */
export async function playScenario(options: ScenarioOptions): Promise<void> {
  const cleanup = new Cleanup();
  try {
    await playSteps(options, cleanup);
  } catch (error) {
    if (!options.abortSignal.aborted) {
      options.checks.fail('the demo runs to its end', error instanceof Error ? error.message : String(error));
    }
  } finally {
    await cleanup.run(options.checks);
  }
}

async function playSteps(options: ScenarioOptions, cleanup: Cleanup): Promise<void> {
  const { example, keep, checks, abortSignal } = options;
  const from = new Date();
  const dataset = loadDataset(example);
  const stage = await startStage(example, checks, cleanup, abortSignal);
  const { service, telemetry } = stage;
  const scorer = new Scorer(service, dataset, abortSignal);

  await scoreTable(checks, scorer, dataset.rows.length);
  await sendBadRequests(checks, scorer);
  await flipSwitches(checks, scorer, service, abortSignal);
  const readBack = { stage, dataset, sent: scorer.sent, from, abortSignal };
  await checkStored(checks, readBack);
  const traces = await checkTraces(checks, telemetry, scorer.sent, abortSignal);
  process.stdout.write(
    `\ntelemetry: ${traces.requests} requests, ${traces.prints} printed lines; the first of them:\n`,
  );
  process.stdout.write(`${traces.sample.map((line) => `  ${line}`).join('\n')}\n`);

  const logs = await service.getLogs({ numLines: LOG_LINES });
  checks.holds('the service has a log', logs.trim() !== '', 'getLogs() gave nothing');
  checks.progress(`last ${LOG_LINES} lines of the log:\n${logs.trimEnd().replaceAll(/^/gm, '   | ')}`);

  if (keep && checks.failure === undefined) {
    await keepUp(stage, dataset.rows[0] ?? [], abortSignal);
  }
  await service.delete();
  await checkStoredAtEnd(checks, readBack);
  checkTracesAtEnd(checks, telemetry, traces);
}

/** Prints how to reach what runs, and waits for the end. */
async function keepUp(stage: Stage, row: readonly number[], abortSignal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ data: [row] });
  process.stdout.write(`
service:    ${stage.service.scoringUri}
blob store: ${stage.blobUrl}
telemetry:  ${stage.telemetry.url}

Score a row:
curl -s -H 'content-type: application/json' -d '${body}' ${stage.service.scoringUri}

Ctrl-C stops everything.
`);
  if (!abortSignal.aborted) {
    // The timer only keeps the process alive should nothing else do so.
    const alive = setInterval(() => undefined, 60_000);
    await once(abortSignal, 'abort').finally(() => clearInterval(alive));
  }
  abortSignal.throwIfAborted();
}
