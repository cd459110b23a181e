const CLOUDS = String.raw`(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net|cloudapi\.de)`;

/** Names by which the portal knows services. Source: the Application Insights SDKs. */
const TYPES: readonly [host: RegExp, type: string][] = [
  [new RegExp(String.raw`\.blob\.(?:core\.${CLOUDS}|storage\.azure\.net)$`), 'Azure blob'],
  [new RegExp(String.raw`\.table\.(?:core\.${CLOUDS}|cosmos\.azure\.(?:com|cn|us))$`), 'Azure table'],
  [new RegExp(String.raw`\.queue\.core\.${CLOUDS}$`), 'Azure queue'],
  [/\.documents\.azure\.(?:com|cn|us)$/, 'Azure DocumentDB'],
  [new RegExp(String.raw`\.servicebus\.${CLOUDS}$`), 'Azure Service Bus'],
  [/\.azure-devices\.(?:net|cn|us)$/, 'Azure IoT Hub'],
];

/** Where telemetry itself goes: Application Insights, its live metrics, and the statistics of the exporters. */
const TELEMETRY_HOSTS = [
  /\.applicationinsights\.azure\.(?:com|cn|us)$/,
  /\.(?:livediagnostics|ingest)\.monitor\.azure\.(?:com|cn|us)$/,
  /^(?:dc|rt|[\w-]+\.dc)\.services\.visualstudio\.com$/,
  /^(?:dc|rt)\.applicationinsights\./,
];
/** Of an endpoint that is known to be one: a service of the user's own may have such a path, too. */
const TELEMETRY_PATH = /\/(?:v2(?:\.\d)?\/track|QuickPulseService\.svc\/\w+)(?:\?|$)/;
/** Source: the OTLP exporters of OpenTelemetry. */
const EXPORTER = /^OTel-OTLP-Exporter-/i;

/** Kind of the service at a host: `HTTP`, or the Azure service. @internal */
export function knownType(host: string): string {
  const name = withoutPort(host);
  return TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'HTTP';
}

/**
 * Whether a call carries telemetry, whoever makes it.
 *
 * @param isOurs Whether this process sends its telemetry to the host.
 * @internal
 */
export function carriesTelemetry(
  host: string,
  path: string,
  userAgent: unknown,
  isOurs: (host: string) => boolean = () => false,
): boolean {
  const name = withoutPort(host);
  return (
    TELEMETRY_HOSTS.some((pattern) => pattern.test(name)) ||
    (TELEMETRY_PATH.test(path) && isOurs(host.toLowerCase())) ||
    (typeof userAgent === 'string' && EXPORTER.test(userAgent))
  );
}

/** @internal */
export function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
