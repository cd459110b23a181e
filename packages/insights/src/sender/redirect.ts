/** Domains of the ingestion service, in all clouds. */
const SERVICE_DOMAINS = [
  '.applicationinsights.azure.com',
  '.applicationinsights.azure.cn',
  '.applicationinsights.azure.us',
  '.applicationinsights.us',
  '.monitor.azure.com',
  '.monitor.azure.cn',
  '.monitor.azure.us',
  '.services.visualstudio.com',
];

/**
 * Where a redirect leads, if it may be followed: telemetry goes to the host that was configured, to another part of the
 * same service, or from loopback to loopback, and never from https to http.
 *
 * @internal
 */
export function redirectTarget(from: URL, location: string | undefined): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) {
    return undefined;
  }
  const to = new URL(location, from);
  if (!/^https?:$/.test(to.protocol) || (from.protocol === 'https:' && to.protocol === 'http:')) {
    return undefined;
  }
  const both = (test: (host: string) => boolean) => test(from.hostname) && test(to.hostname);
  const isAllowed =
    from.hostname === to.hostname ||
    both((host) => SERVICE_DOMAINS.some((domain) => host.endsWith(domain))) ||
    both((host) => host === 'localhost' || host === '[::1]' || host.startsWith('127.'));
  return isAllowed ? to : undefined;
}
