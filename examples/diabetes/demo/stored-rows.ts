import { CollectedData, type JoinedRow, type JoinSummary } from '@azureml-ts/data';
import { MODEL, type Stage } from './stage.ts';

/** A stored row of features beside its prediction. */
export type ScoredPair = JoinedRow<Record<string, number>, { predicted_progression: number }>;

/** What the blob store holds of both streams. */
export interface StoredRows {
  /** Paths in the container, inputs first. */
  readonly paths: readonly string[];
  readonly pairs: readonly ScoredPair[];
  /** Counts of both sides, also of rows without a partner. */
  readonly summary: JoinSummary;
}

/** Reads both streams back, from the day of `from` to today (UTC): a run over midnight has files of two days. */
export async function readStored(
  stage: Stage,
  options: { readonly from: Date; readonly featureNames: readonly string[]; readonly abortSignal: AbortSignal },
): Promise<StoredRows> {
  const { from, featureNames, abortSignal } = options;
  const inputs = await openStream(stage, 'inputs', from);
  const predictions = await openStream(stage, 'predictions', from);
  const paths: string[] = [];
  for (const stream of [inputs, predictions]) {
    for await (const file of stream.files({ abortSignal })) {
      paths.push(file.path);
    }
  }
  // Declared, so that a cell which is not a number is an error.
  const joined = inputs.join<Record<string, number>, { predicted_progression: number }>(predictions, {
    abortSignal,
    left: { types: Object.fromEntries(featureNames.map((name) => [name, 'number'])) },
    right: { types: { predicted_progression: 'number' } },
  });
  const pairs: ScoredPair[] = [];
  for await (const pair of joined) {
    pairs.push(pair);
  }
  return { paths, pairs, summary: joined.summary };
}

function openStream(stage: Stage, designation: string, from: Date): Promise<CollectedData> {
  const { subscriptionId, resourceGroup, workspaceName } = stage.workspace;
  return CollectedData.open({
    storage: stage.blobConnection,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    webserviceName: stage.service.name,
    modelName: MODEL.name,
    modelVersion: MODEL.version,
    designation,
    from,
    to: new Date(),
  });
}
