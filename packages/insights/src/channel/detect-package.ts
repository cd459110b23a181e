import { exportsSpansToAzureMonitor } from '@azureml-ts/common';
import { nodeHttp } from '../node-modules.ts';
import { type OpenTelemetry, registeredOpenTelemetry } from './open-telemetry.ts';

/** The package's listener to errors that nobody caught. */
const EXCEPTION_LISTENER = 'bound _handleException';

/**
 * Finds out whether the application has started the package `applicationinsights` (or `@azure/monitor-opentelemetry`,
 * which it stands on), without loading it: spans of the process go to Azure Monitor, and there is a place for log records.
 *
 * @internal
 */
export function startedPackage(): OpenTelemetry | undefined {
  return exportsSpansToAzureMonitor() ? registeredOpenTelemetry() : undefined;
}

/**
 * Whether requests that come to servers of `http` are watched: OpenTelemetry marks what it puts in the place of a method.
 *
 * @internal
 */
export function watchesHttpServers(): boolean {
  return (nodeHttp().Server.prototype.emit as { readonly __wrapped?: unknown }).__wrapped === true;
}

/** Whether the started package reports errors that nobody caught. @internal */
export function packageReportsUncaught(): boolean {
  return process.listeners('uncaughtException').some(({ name }) => name === EXCEPTION_LISTENER);
}

/** The sampler of the started package, as it describes itself. @internal */
export function samplerOf({ traces }: OpenTelemetry): string {
  try {
    return String((traces.getTracer('azureml-ts') as { readonly _sampler?: unknown })._sampler);
  } catch {
    return 'unknown';
  }
}
