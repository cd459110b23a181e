import type { OtelContext, OtelContextManager } from './otel-api.ts';

/**
 * Runs work in an OpenTelemetry context.
 *
 * The manager is foreign code: whatever it does, the work runs once, and only what the work throws is thrown.
 *
 * @param manager The registered manager, if there is one.
 * @param contextOf Makes the context out of the active one.
 * @param work The work; its result, or promise, is returned as it is.
 */
export function runInContext<T>(
  manager: OtelContextManager | undefined,
  contextOf: (active: OtelContext) => OtelContext,
  work: () => T,
): T {
  if (manager === undefined) {
    return work();
  }
  const outcome: { hasBegun: boolean; hasFailed: boolean; value?: T; error?: unknown } = {
    hasBegun: false,
    hasFailed: false,
  };
  const run = () => {
    if (!outcome.hasBegun) {
      outcome.hasBegun = true;
      try {
        outcome.value = work();
      } catch (error) {
        outcome.hasFailed = true;
        outcome.error = error;
      }
    }
  };
  try {
    manager.with(contextOf(manager.active()), run);
  } catch {
    // Without it, then.
  }
  run();
  if (outcome.hasFailed) {
    throw outcome.error;
  }
  return outcome.value as T;
}
