import type { StreamIdentity } from '../format/blob-path.ts';
import { addPythonCorrelations } from '../python/add-python-correlations.ts';
import { DEFAULT_COLLECTION } from '../python/python-files.ts';
import { PythonIntake } from '../python/python-intake.ts';
import type { CompiledFeatures } from '../rows/features.ts';
import { addCorrelations } from './add-correlations.ts';
import { CallIntake } from './call-intake.ts';
import type { Correlations } from './correlations.ts';
import type { Intake } from './intake.ts';
import type { ModelDataCollectorOptions } from './options.ts';

/** What depends on the layout before rows are on their way. */
export interface OpenIntake {
  /** Takes the rows of a call. */
  readonly intake: Intake;
  /** Adds the columns of a call to data. */
  readonly addCorrelations: typeof addCorrelations;
}

/**
 * Makes the intake of a collector's layout.
 *
 * @param stream What the rows are called.
 * @param options Checked options.
 * @param features Declared features, ready for rows.
 * @param environment Says how long a file of the layout `python-v1` is written to.
 */
export function openIntake(
  stream: StreamIdentity,
  options: ModelDataCollectorOptions,
  features: CompiledFeatures | undefined,
  environment: NodeJS.ProcessEnv,
): OpenIntake {
  const { layout, featureNames, modelVersion, collectionName = DEFAULT_COLLECTION } = options;
  if (layout !== 'python-v1') {
    return { intake: new CallIntake(stream, featureNames, features), addCorrelations };
  }
  const intake = new PythonIntake({
    stream,
    featureNames,
    features: options.features,
    compiled: features,
    givenVersion: modelVersion,
    collectionName,
    isHourly: environment['AML_MODEL_DC_BOUNDARY'] === 'hour',
  });
  const add = (data: unknown, correlations: Correlations | undefined | null): unknown =>
    addPythonCorrelations(data, correlations, intake.identity);
  return { intake, addCorrelations: add as typeof addCorrelations };
}
