import type { IngestionTarget } from '../connection-string.ts';
import type { TelemetryCredential } from '../types.ts';

/** What the package is started with. @internal */
export interface StartPackageOptions {
  readonly target: IngestionTarget;
  readonly credential?: TelemetryCredential | undefined;
  readonly serviceName?: string | undefined;
}

/**
 * Loads the package and starts it as a channel for our items: it keeps all of them, and collects by itself only what we
 * do not.
 *
 * @returns What ends it.
 * @throws What loading or starting it throws.
 * @internal
 */
export async function startPackage(options: StartPackageOptions): Promise<() => Promise<void>> {
  const { useAzureMonitor, shutdownAzureMonitor } = await import('applicationinsights');
  const { target, credential, serviceName } = options;
  const { protocol, href } = target.trackUrl;
  const off = { enabled: false };
  const settings = {
    azureMonitorExporterOptions: {
      connectionString: target.connectionString,
      ...(credential === undefined ? {} : { credential }),
      // From a connection string it takes https only.
      ...(protocol === 'http:' ? { endpoint: href.replace(/\/track$/, ''), allowInsecureConnection: true } : {}),
    },
    // 0: not five a second, which is the default and comes before samplingRatio.
    tracesPerSecond: 0,
    samplingRatio: 1,
    enableLiveMetrics: false,
    // Its listener would keep the process from ending when nobody handles a rejection.
    enableAutoCollectExceptions: false,
    instrumentationOptions: { http: off, azureSdk: off, console: off },
  };
  withServiceName(serviceName, () => useAzureMonitor(settings as Parameters<typeof useAzureMonitor>[0]));
  return shutdownAzureMonitor;
}

/** The role's name has no option of its own, and is read once. */
function withServiceName(serviceName: string | undefined, run: () => void): void {
  const { env } = process;
  if (!serviceName || env['OTEL_SERVICE_NAME'] !== undefined) {
    run();
    return;
  }
  env['OTEL_SERVICE_NAME'] = serviceName;
  try {
    run();
  } finally {
    delete env['OTEL_SERVICE_NAME'];
  }
}
