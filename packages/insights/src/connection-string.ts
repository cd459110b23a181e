import { AzuremlError } from '@azureml-ts/common';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DEFAULT_ENDPOINT = 'https://dc.services.visualstudio.com';

/** Where telemetry goes. @internal */
export interface IngestionTarget {
  /** Key of the component, in lower case; every item carries it. */
  readonly instrumentationKey: string;
  /** Where items are posted to. */
  readonly trackUrl: URL;
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
    return parseConnectionString(`InstrumentationKey=${key}`, 'AML_APP_INSIGHTS_KEY');
  }
  throw new AzuremlError(
    'CONNECTION_STRING_MISSING',
    'Telemetry has no destination: neither the option connectionString nor the environment variable ' +
      'APPLICATIONINSIGHTS_CONNECTION_STRING (or AML_APP_INSIGHTS_KEY) is set. ' +
      'Copy the connection string from the overview page of the Application Insights component.',
  );
}

/**
 * Reads a connection string: `Key=Value` pairs between semicolons, names in any case.
 *
 * @param source Where it came from, for messages. The string itself never appears in one.
 * @throws {@link AzuremlError} `CONNECTION_STRING_INVALID`.
 * @internal
 */
export function parseConnectionString(connectionString: string, source: string): IngestionTarget {
  const values = new Map<string, string>();
  for (const part of connectionString.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) {
      values.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
    } else if (part.trim() !== '') {
      throw invalid(source, 'it is not a list of Key=Value pairs between semicolons');
    }
  }
  const key = values.get('instrumentationkey');
  if (key === undefined || key === '') {
    throw invalid(source, 'it has no InstrumentationKey');
  }
  if (!GUID.test(key)) {
    throw invalid(source, 'its InstrumentationKey is not a GUID');
  }
  const authorization = values.get('authorization');
  if (authorization !== undefined && authorization.toLowerCase() !== 'ikey') {
    throw invalid(source, `its Authorization is ${JSON.stringify(authorization)}, and only "ikey" is known`);
  }
  return { instrumentationKey: key.toLowerCase(), trackUrl: trackUrlOf(endpointOf(values), source) };
}

function endpointOf(values: ReadonlyMap<string, string>): string {
  const endpoint = values.get('ingestionendpoint');
  if (endpoint) {
    return endpoint;
  }
  const suffix = values.get('endpointsuffix');
  if (suffix) {
    const location = values.get('location');
    return `https://${location ? `${location}.` : ''}dc.${suffix}`;
  }
  return DEFAULT_ENDPOINT;
}

function trackUrlOf(endpoint: string, source: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(source, `its endpoint ${JSON.stringify(endpoint)} is not an http or https URL`);
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v2.1/track`;
  url.search = '';
  url.hash = '';
  return url;
}

function invalid(source: string, reason: string): AzuremlError {
  return new AzuremlError(
    'CONNECTION_STRING_INVALID',
    `${source} is not a connection string of Application Insights: ${reason}. ` +
      'Expected InstrumentationKey=<guid>;IngestionEndpoint=https://...',
    { details: { reason } },
  );
}
