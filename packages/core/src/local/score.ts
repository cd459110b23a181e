import { AzuremlError } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';
import { type ScoringRequest, sendScoringRequest } from '../webservice/scoring-request.ts';
import { cutOff, notRunning, unreachable } from './failures.ts';
import type { ServiceLifecycle } from './service-lifecycle.ts';

/** One scoring by a local service. */
export interface LocalScoring extends Pick<ScoringRequest, 'name' | 'body' | 'headers'> {
  /** The service's log, for errors. */
  readonly logFile: string;
  /** Cuts the request off, for the caller or for a stop of the process. */
  readonly cut: AbortController;
}

/**
 * Sends one scoring request, once, as soon as the service is ready.
 *
 * @param life The service.
 * @param scoring What to send.
 * @throws {@link WebserviceError} `SCORING_FAILED`, `WEBSERVICE_UNREACHABLE`, `WEBSERVICE_DELETED`.
 */
export async function score(life: ServiceLifecycle, scoring: LocalScoring): Promise<unknown> {
  const { name, body, headers, logFile, cut } = scoring;
  const { signal: abortSignal } = cut;
  const { server, done } = await life
    .beginRequest((reason) => cut.abort(cutOff(name, reason)))
    .catch(async (error) => {
      throw error instanceof WebserviceError ? error : await notRunning(name, error, logFile);
    });
  try {
    abortSignal.throwIfAborted();
    const url = `http://127.0.0.1:${server.port}/score`;
    return await sendScoringRequest({ name, url, body, agent: server.agent, headers, abortSignal });
  } catch (error) {
    // What cut it off says more than the broken connection.
    abortSignal.throwIfAborted();
    throw error instanceof AzuremlError ? error : await unreachable(name, server, error, logFile);
  } finally {
    done();
  }
}
