import type { AzureStandIn } from './stand-in-types.ts';

/** Carries the origin that a request was meant for. @internal */
export const ORIGIN_HEADER = 'x-azure-stand-in-origin';

/** Scheme and host as they are written, which need not be as `URL` writes them: capitals, a port of the scheme. */
const ORIGIN = /^[a-z]+:\/\/[^/?#]*/i;

type Policy = AzureStandIn['clientOptions']['additionalPolicies'][number]['policy'];

/** The parts of a request of @azure/core-rest-pipeline that are used here. */
interface PipelineRequest {
  url: string;
  allowInsecureConnection?: boolean;
  tlsSettings?: { ca?: unknown };
  headers: { set(name: string, value: string): void; delete(name: string): void };
}

/**
 * Sends every request to the stand-in, wherever it was meant to go: nothing leaves this machine.
 *
 * The clients refuse tokens on plain http and links to other hosts, so each sees the address that it asked for again
 * as soon as the request is out.
 *
 * @param url Address of the stand-in.
 * @param ca Certificate of the stand-in when it speaks https.
 * @internal
 */
export function rewritingPolicy(url: string, ca: string | undefined): Policy {
  return {
    name: 'azureStandInPolicy',
    async sendRequest(request: PipelineRequest, next: (request: PipelineRequest) => Promise<unknown>) {
      const meant = request.url;
      request.url = url + meant.replace(ORIGIN, '');
      request.headers.set(ORIGIN_HEADER, new URL(meant).origin);
      if (ca === undefined) {
        request.allowInsecureConnection = true;
      } else {
        request.tlsSettings = { ...request.tlsSettings, ca };
      }
      try {
        return await next(request);
      } finally {
        request.url = meant;
        request.headers.delete(ORIGIN_HEADER);
      }
    },
  };
}
