import type { LogsStandIn } from './stand-in-types.ts';

type Policy = LogsStandIn['clientOptions']['additionalPolicies'][number]['policy'];

/** The parts of a request of @azure/core-rest-pipeline that are used here. */
interface PipelineRequest {
  url: string;
  tlsSettings?: { ca?: unknown };
}

const AZURE = /^https:\/\/api\.loganalytics\.[a-z.]+/i;

/**
 * Lets a client trust the stand-in's certificate, and sends to it what is meant for Azure.
 *
 * @param url Address of the stand-in.
 * @param ca Its certificate.
 * @internal
 */
export function redirectPolicy(url: string, ca: string): Policy {
  return {
    name: 'logsStandInPolicy',
    async sendRequest(request: PipelineRequest, next: (request: PipelineRequest) => Promise<unknown>) {
      const meant = request.url;
      request.url = meant.replace(AZURE, url);
      if (request.url.startsWith(`${url}/`)) {
        request.tlsSettings = { ...request.tlsSettings, ca };
      }
      try {
        return await next(request);
      } finally {
        request.url = meant;
      }
    },
  };
}
