import type { DependencyTelemetry } from '../types.ts';

/** The part of started telemetry that the automatic collection reports to. @internal */
export interface DependencyTarget {
  trackDependency(dependency: DependencyTelemetry): void;
  /** Whether the items of an operation are sent. Default: all are. */
  isSampled?(operationId: string): boolean;
}
