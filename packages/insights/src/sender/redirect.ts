/** Domains of the ingestion service, by cloud: telemetry stays in the cloud that it was meant for. */
const SERVICE_DOMAINS = [
  ['.applicationinsights.azure.com', '.monitor.azure.com', '.services.visualstudio.com'],
  ['.applicationinsights.azure.cn', '.monitor.azure.cn'],
  ['.applicationinsights.azure.us', '.applicationinsights.us', '.monitor.azure.us'],
];

/**
 * Where a redirect leads, if it may be followed: telemetry goes to the host that was configured, to another part of the
 * same service in the same cloud, or from loopback to loopback, and never from https to http.
 *
 * With a token, it goes only to the very same host and port, or to another part of the service over https.
 *
 * @internal
 */
export function redirectTarget(from: URL, location: string | undefined, hasToken = false): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) {
    return undefined;
  }
  const to = new URL(location, from);
  if (!/^https?:$/.test(to.protocol) || (from.protocol === 'https:' && to.protocol === 'http:')) {
    return undefined;
  }
  if (to.username !== '' || to.password !== '') {
    return undefined;
  }
  const isSameService =
    to.protocol === 'https:' &&
    (!hasToken || to.port === '') &&
    SERVICE_DOMAINS.some((domains) =>
      [from, to].every(({ hostname }) => domains.some((domain) => hostname.endsWith(domain))),
    );
  const isAllowed = hasToken
    ? from.host === to.host
    : from.hostname === to.hostname || (isLoopback(from) && isLoopback(to));
  return isAllowed || isSameService ? to : undefined;
}

/** Whether a URL leads to this machine. @internal */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
