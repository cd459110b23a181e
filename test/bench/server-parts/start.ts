import { runCommand } from '../support/command.ts';
import { atMostTimes, type Figure } from '../support/figure.ts';
import { startIngestion } from '../support/ingestion.ts';
import { interleave } from '../support/rounds.ts';
import { type MeasuredServer, startBare, startOurs } from '../support/servers.ts';
import { median } from '../support/statistics.ts';
import { BODY, type ServerPart } from './part.ts';

const START_ROUNDS = 11;
const IMPORT_ROUNDS = 21;
const INSIGHTS = '@azureml-ts/insights';
/** Where it is found by its name. */
const FOLDER = new URL('../../../packages/inference-server', import.meta.url).pathname;

/** How long it takes until a first request is answered, and what importing telemetry costs. */
export const start: ServerPart = async (progress) => {
  await using ingestion = await startIngestion();
  progress('start to first answer');
  const firsts = await interleave(START_ROUNDS, {
    bare: () => firstAnswerMs(startBare),
    plain: () => firstAnswerMs(() => startOurs()),
    told: () => firstAnswerMs(() => startOurs({ ingestion })),
  });
  progress('imports');
  const importing = `const start = performance.now(); await import('${INSIGHTS}'); console.log(performance.now() - start)`;
  const imports = await interleave(IMPORT_ROUNDS, {
    empty: () => node('0'),
    insights: () => node(`await import('${INSIGHTS}')`),
    inside: async () => Number(await runCommand(process.execPath, evaluate(importing), { cwd: FOLDER })),
  });
  const of = (list: readonly number[]) => median(list);
  const bare = { peer: of(firsts.bare), peerName: 'bare node:http', compare: 'cost', target: atMostTimes(3) } as const;
  const figures: Figure[] = [
    { name: 'start to first answer, without telemetry', unit: 'ms', ours: of(firsts.plain), ...bare },
    { name: 'start to first answer, with telemetry', unit: 'ms', ours: of(firsts.told), ...bare },
    {
      name: `a process that imports ${INSIGHTS}`,
      unit: 'ms',
      ours: of(imports.insights),
      peer: of(imports.empty),
      peerName: '`node -e 0`',
      compare: 'cost',
    },
    {
      name: 'what the import adds to it',
      unit: 'ms',
      ours: of(imports.insights) - of(imports.empty),
      target: { of: 'ours', atMost: 15, text: 'at most 15 ms' },
    },
  ];
  return { figures, remarks: [`Inside of the process, the import takes ${of(imports.inside).toFixed(1)} ms.`] };
};

async function firstAnswerMs(begin: () => Promise<MeasuredServer>): Promise<number> {
  const started = performance.now();
  await using server = await begin();
  const response = await fetch(`${server.url}/score`, { method: 'POST', body: BODY });
  await response.arrayBuffer();
  return performance.now() - started;
}

async function node(script: string): Promise<number> {
  const started = performance.now();
  await runCommand(process.execPath, evaluate(script), { cwd: FOLDER });
  return performance.now() - started;
}

function evaluate(script: string): string[] {
  return ['--input-type=module', '--eval', script];
}
