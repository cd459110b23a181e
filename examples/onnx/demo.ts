import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InferenceConfig, LocalWebservice, Model, Workspace } from '@azureml-ts/core';
import { CollectedData } from '@azureml-ts/data';

const EXAMPLE = import.meta.dirname;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const START_TIMEOUT_MS = 30_000;
/** The runtime counts in singles, and may add in another order than the one that wrote the file. */
const TOLERANCE = 1e-4;

/** What train.py wrote beside the model. */
interface Expected {
  readonly classes: readonly string[];
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
}

async function demo(directory: string, abortSignal: AbortSignal): Promise<void> {
  const expected = JSON.parse(await readFile(join(EXAMPLE, 'model', 'expected.json'), 'utf8')) as Expected;
  const storage = pathToFileURL(join(directory, 'rows')).href;
  const workspace = await Workspace.fromConfig({ path: EXAMPLE });
  const service = await Model.deploy(workspace, {
    name: 'iris-svc',
    models: [new Model({ name: 'iris', version: '1', path: join(EXAMPLE, 'model', 'iris.onnx') })],
    inferenceConfig: new InferenceConfig({ entryScript: 'score.ts', sourceDirectory: EXAMPLE }),
    deploymentConfig: LocalWebservice.deployConfiguration({
      collectModelData: true,
      storage,
      directory: join(directory, 'services'),
    }),
  });
  try {
    await service.waitForDeployment({ timeoutMs: START_TIMEOUT_MS, abortSignal });
    await score(service, expected, abortSignal);
  } finally {
    // What was collected is stored before the service ends.
    await service.delete();
  }
  await readBack(service, storage, expected);
}

/** Scores the rows, two in a request, and holds the answers against those that the training wrote. */
async function score(service: LocalWebservice, expected: Expected, abortSignal: AbortSignal): Promise<void> {
  const { classes, rows, labels, probabilities } = expected;
  for (let first = 0; first < rows.length; first += 2) {
    const body = { data: rows.slice(first, first + 2), ids: [`flower ${first}`, `flower ${first + 1}`] };
    const answer = (await service.run(body, { abortSignal })) as { labels: string[]; probabilities: number[][] };
    for (const [index, label] of answer.labels.entries()) {
      const row = first + index;
      ensure(label === classes[labels[row] ?? -1], `flower ${row} is what scikit-learn takes it for`);
      const shares = answer.probabilities[index] ?? [];
      const isSame = shares.every((share, kind) => Math.abs(share - (probabilities[row]?.[kind] ?? -1)) < TOLERANCE);
      ensure(isSame, `flower ${row} has the probabilities that the training wrote down`);
    }
  }
  print(`scored: ${rows.length} flowers, each as scikit-learn scores it`);
}

/** Reads the tensors back: those that went into the model, and both that came out. */
async function readBack(service: LocalWebservice, storage: string, expected: Expected): Promise<void> {
  const { subscriptionId, resourceGroup, workspaceName } = service.workspace;
  const open = (designation: string) =>
    CollectedData.open({
      storage,
      workspace: { subscriptionId, resourceGroup, workspaceName },
      webserviceName: service.name,
      modelName: 'iris',
      modelVersion: '1',
      designation,
    });
  const [inputs, predictions, shares] = await Promise.all(['inputs', 'predictions', 'probabilities'].map(open));
  if (inputs === undefined || predictions === undefined || shares === undefined) {
    return;
  }
  const { columns } = await inputs.schema();
  print(`columns of the inputs: ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}`);
  let row = 0;
  for await (const { left, right, userCorrelationId } of inputs.join(predictions, { orderBy: 'time' })) {
    const label = Number((right as { label?: unknown }).label);
    print(`${userCorrelationId}: ${Object.values(left as object).join(' ')} -> ${expected.classes[label]}`);
    row += 1;
  }
  ensure(row === expected.rows.length, 'every flower is stored with its label');
  let probabilities = 0;
  for await (const _ of shares.rows()) {
    probabilities += 1;
  }
  ensure(probabilities === row, 'every flower is stored with its probabilities');
  print(`stored: ${row} rows of inputs, ${row} labels, ${probabilities} rows of probabilities`);
}

function ensure(holds: boolean, what: string): void {
  process.stderr.write(`${holds ? 'ok' : 'NOT'}: ${what}\n`);
  if (!holds) {
    throw new Error(`it did not hold that ${what}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<number> {
  const stop = new AbortController();
  let stoppedBy: keyof typeof EXIT_CODES | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stoppedBy ??= signal;
      stop.abort(new Error(`The example was ended by ${signal}`));
    });
  }
  const directory = await mkdtemp(join(tmpdir(), 'azureml-ts-onnx-'));
  try {
    await mkdir(join(directory, 'rows'));
    await demo(directory, stop.signal);
    return 0;
  } catch (error) {
    if (stoppedBy !== undefined) {
      return EXIT_CODES[stoppedBy];
    }
    process.stderr.write(`the example failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

process.exitCode = await main();
