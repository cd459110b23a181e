import { AzuremlError, redactSecrets } from '@azureml-ts/common';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DEFAULT_ENDPOINT = 'https://dc.services.visualstudio.com';
/** Two slashes: the audience ends in one, and `/.default` is put behind it. Source: the exporters of Azure Monitor. */
const DEFAULT_SCOPE = 'https://monitor.azure.com//.default';
const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** Where telemetry goes. @internal */
export interface IngestionTarget {
  /** Key of the component, in lower case; every item carries it. */
  readonly instrumentationKey: string;
  /** Where items are posted to. */
  readonly trackUrl: URL;
  /** What a token for it is asked for. */
  readonly scope: string;
  /** The whole, as other senders take it. It holds the key: never to be shown. */
  readonly connectionString: string;
}

/**
 * Finds out where telemetry goes: the option, else `APPLICATIONINSIGHTS_CONNECTION_STRING`, else `AML_APP_INSIGHTS_KEY`.
 *
 * @throws {@link AzuremlError} `CONNECTION_STRING_MISSING`, `CONNECTION_STRING_INVALID`.
 * @internal
 */
export function findIngestionTarget(
  connectionString: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): IngestionTarget {
  if (connectionString !== undefined) {
    return parseConnectionString(connectionString, 'The option connectionString');
  }
  const variable = environment['APPLICATIONINSIGHTS_CONNECTION_STRING']?.trim();
  if (variable) {
    return parseConnectionString(variable, 'APPLICATIONINSIGHTS_CONNECTION_STRING');
  }
  const key = environment['AML_APP_INSIGHTS_KEY']?.trim();
  if (key) {
    if (!GUID.test(key)) {
      throw new AzuremlError(
        'CONNECTION_STRING_INVALID',
        'AML_APP_INSIGHTS_KEY is not an instrumentation key: a GUID was expected. ' +
          'Set APPLICATIONINSIGHTS_CONNECTION_STRING to the connection string instead.',
        { details: { reason: 'the key is not a GUID' } },
      );
    }
    return parseConnectionString(key, 'AML_APP_INSIGHTS_KEY');
  }
  throw new AzuremlError(
    'CONNECTION_STRING_MISSING',
    'Telemetry has no destination: neither the option connectionString nor the environment variable ' +
      'APPLICATIONINSIGHTS_CONNECTION_STRING (or AML_APP_INSIGHTS_KEY) is set. ' +
      'Copy the connection string from the overview page of the Application Insights component.',
  );
}

/**
 * Reads a connection string: `Key=Value` pairs between semicolons, names in any case; or an instrumentation key alone.
 *
 * Known: `InstrumentationKey`, `IngestionEndpoint`, `EndpointSuffix` with `Location`, `LiveEndpoint`, `AADAudience`,
 * `ApplicationId`, `Authorization`. Others are left to whoever knows them.
 *
 * @param source Where it came from, for messages. The string itself never appears in one.
 * @throws {@link AzuremlError} `CONNECTION_STRING_INVALID`.
 * @internal
 */
export function parseConnectionString(connectionString: string, source: string): IngestionTarget {
  const trimmed = connectionString.trim();
  const values = GUID.test(trimmed) ? new Map([['instrumentationkey', trimmed]]) : readPairs(trimmed, source);
  const key = values.get('instrumentationkey');
  if (!key) {
    throw invalid(source, 'it has no InstrumentationKey');
  }
  if (!GUID.test(key)) {
    throw invalid(source, 'its InstrumentationKey is not a GUID');
  }
  const authorization = values.get('authorization');
  if (authorization && authorization.toLowerCase() !== 'ikey') {
    throw invalid(source, `its Authorization is ${shown(authorization)}, and only "ikey" is known`);
  }
  const live = values.get('liveendpoint');
  if (live) {
    urlOf(live, 'LiveEndpoint', source);
  }
  const endpoint = endpointOf(values, source);
  const trackUrl = new URL(endpoint);
  trackUrl.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/v2.1/track`;
  values.set('instrumentationkey', key.toLowerCase());
  values.set('ingestionendpoint', endpoint.href);
  return {
    instrumentationKey: key.toLowerCase(),
    trackUrl,
    scope: scopeOf(values.get('aadaudience'), source),
    connectionString: [...values].map(([name, value]) => `${name}=${value}`).join(';'),
  };
}

function readPairs(text: string, source: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value, ...rest] = part.split('=').map((piece) => piece.trim());
    if (part.trim() === '') {
      continue;
    }
    if (value === undefined || name === '') {
      throw invalid(source, 'it is not a list of Key=Value pairs between semicolons');
    }
    // The name is shown only when it is one: what stands before the first "=" may be part of a secret.
    const key = /^[a-z]{1,40}$/i.test(name) ? name : 'a pair';
    if (rest.length > 0) {
      // Other senders throw such a string away whole, and send nothing.
      throw invalid(source, `${key} has a second "=", or a semicolon is missing behind it`);
    }
    const earlier = values.get(name.toLowerCase());
    if (earlier !== undefined && earlier !== value) {
      throw invalid(source, `${key} stands in it twice, with different values`);
    }
    values.set(name.toLowerCase(), value);
  }
  return values;
}

function endpointOf(values: ReadonlyMap<string, string>, source: string): URL {
  const endpoint = values.get('ingestionendpoint');
  if (endpoint) {
    return urlOf(endpoint, 'IngestionEndpoint', source);
  }
  const suffix = values.get('endpointsuffix');
  if (!suffix) {
    return new URL(DEFAULT_ENDPOINT);
  }
  const location = values.get('location');
  if (!HOST_NAME.test(suffix)) {
    throw invalid(source, `its EndpointSuffix ${shown(suffix)} is not the name of a domain`);
  }
  if (location && !HOST_NAME.test(location)) {
    throw invalid(source, `its Location ${shown(location)} is not part of the name of a host`);
  }
  return new URL(`https://${location ? `${location}.` : ''}dc.${suffix}`);
}

function urlOf(text: string, name: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(source, `its ${name} ${shown(text)} is not an http or https URL`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(source, `its ${name} holds a user name or password, which are not used`);
  }
  url.search = '';
  url.hash = '';
  return url;
}

/** Source: the exporters of Azure Monitor. */
function scopeOf(audience: string | undefined, source: string): string {
  if (!audience) {
    return DEFAULT_SCOPE;
  }
  if (!/^(https|api):\/\/[^\s]+$/i.test(audience)) {
    throw invalid(source, `its AADAudience ${shown(audience)} is not the address of a resource (https://...)`);
  }
  return audience.endsWith('/.default') ? audience : `${audience}/.default`;
}

/** A value in a message: without secrets, and not at any length. */
function shown(value: string): string {
  return JSON.stringify(redactSecrets(value.slice(0, 200)));
}

function invalid(source: string, reason: string): AzuremlError {
  return new AzuremlError(
    'CONNECTION_STRING_INVALID',
    `${source} is not a connection string of Application Insights: ${reason}. ` +
      'Expected InstrumentationKey=<guid>;IngestionEndpoint=https://...',
    { details: { reason } },
  );
}
