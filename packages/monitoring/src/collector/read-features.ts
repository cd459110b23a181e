import { type CompiledFeatures, compileFeatures } from '../rows/features.ts';
import type { CollectorReport } from './collector-report.ts';
import type { ModelDataCollectorOptions } from './options.ts';

/**
 * Reads the declared features of a collector, if there are any.
 *
 * @param options Checked options.
 * @param environment Holds the key of hashed columns when no option gives it.
 * @param report Told when there is no key.
 */
export function readFeatures(
  options: ModelDataCollectorOptions,
  environment: NodeJS.ProcessEnv,
  report: CollectorReport | undefined,
): CompiledFeatures | undefined {
  if (options.features === undefined) {
    return undefined;
  }
  const compiled = compileFeatures(options.features, {
    redactKey: options.redactKey ?? (environment['AML_MODEL_DC_REDACT_KEY'] || undefined),
  });
  if (compiled.usesRandomKey) {
    report?.setting(
      'REDACT_KEY_MISSING',
      "there is no key for the features with redact: 'hash'. A random one is used: its hashes agree with those of no other process. Pass redactKey, or set AML_MODEL_DC_REDACT_KEY.",
    );
  }
  return compiled;
}
