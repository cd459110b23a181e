import { OnlineEndpoint, Workspace, type WorkspaceIdentity } from '@azureml-ts/core';
import { answer } from '../support/child.ts';
import { median } from '../support/statistics.ts';

/** Who scores, and where. */
export interface ScoreInput {
  readonly workspace: WorkspaceIdentity;
  readonly sender: 'ours' | 'fetch';
  readonly url: string;
  readonly key: string;
}

/** What a call took. */
export interface ScoreOutput {
  /** Number of calls, without those before the parent was told. */
  readonly calls: number;
  readonly medianMs: number;
  /** Processor time of this process for a call. */
  readonly processorMs: number;
}

const WARM = 500;
const CALLS = 2_000;
const INPUT = { data: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] };

answer<ScoreInput, ScoreOutput>(async (input, tell) => {
  const score = await sender(input);
  const checked = await score();
  if (JSON.stringify(checked) !== JSON.stringify(INPUT)) {
    throw new Error(`The answer is ${JSON.stringify(checked)}`);
  }
  for (let call = 0; call < WARM; call += 1) {
    await score();
  }
  tell('warm');
  // The parent reads it before the next request comes.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let call = 0; call < CALLS; call += 1) {
    const started = performance.now();
    await score();
    times.push(performance.now() - started);
  }
  const { user, system } = process.cpuUsage(before);
  return { calls: CALLS, medianMs: median(times), processorMs: (user + system) / 1_000 / CALLS };
});

async function sender({ workspace, sender: name, url, key }: ScoreInput): Promise<() => Promise<unknown>> {
  if (name === 'ours') {
    const endpoint = await OnlineEndpoint.get(new Workspace(workspace), 'loans');
    return () => endpoint.run(INPUT);
  }
  return async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(INPUT),
    });
    return response.json();
  };
}
