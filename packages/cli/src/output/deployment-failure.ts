import { harmless, harmlessLine, isAzuremlError, redactSecrets } from '@azureml-ts/common';
import type { DeploymentFailedError, Webservice } from '@azureml-ts/core';
import type { CommandIo } from '../io.ts';
import { writeDocument } from './documents.ts';
import { errorIds, errorText } from './error-text.ts';
import { writeStepSummary } from './step-summary.ts';
import type { Row } from './table.ts';
import { errorJson } from './update-report.ts';

/** Last lines of the log that are shown with a failure. */
const TAIL_LINES = 50;
/** Longest time for fetching them: they are a help, and must not hold the failure up. */
const TAIL_TIMEOUT_MS = 30_000;
const CONTAINERS = ['inference-server', 'storage-initializer'] as const;

/** What failed. */
export interface FailedService {
  readonly name: string;
  readonly kind: string;
  /** State of the service, when it is known. */
  readonly state?: string | undefined;
  /** The service itself, which is asked for its log when the error brought none. */
  readonly service?: Webservice | undefined;
  /** The service as JSON. */
  readonly document: Row | null;
  readonly isJson: boolean;
}

type Tails = Readonly<Record<string, readonly string[]>>;

/** Shows why a service is not healthy: the end of its log, a part of the summary page of a build, and JSON where it is asked for. */
export async function showDeploymentFailure(failed: FailedService, error: unknown, io: CommandIo): Promise<void> {
  const { name, kind, state, document, isJson } = failed;
  const logs = await tailsOf(failed.service, error, io);
  for (const [container, lines] of Object.entries(logs)) {
    io.writeError(`==> ${harmlessLine(`${name}: end of the log of ${container}`)} <==\n`);
    io.writeError(lines.map((line) => `${harmless(line)}\n`).join(''));
  }
  const failure = isAzuremlError(error) ? error : undefined;
  const { requestId, operationId } = errorIds(error);
  await writeStepSummary(io, {
    title: `azureml-ts: "${name}" is not healthy`,
    facts: {
      service: name,
      kind,
      state,
      code: failure?.code,
      reason: reasonOf(error),
      message: errorText(error),
      request: requestId,
      operation: operationId,
    },
    texts: Object.fromEntries(
      Object.entries(logs).map(([container, lines]) => [`End of the log of ${container}`, lines]),
    ),
  });
  if (isJson) {
    await writeDocument(io, {
      service: document,
      error: { ...errorJson(error), reason: reasonOf(error) ?? null },
      logs,
    });
  }
}

/** The last lines by container: those that the error brought, else those that the service has now. */
async function tailsOf(service: Webservice | undefined, error: unknown, io: CommandIo): Promise<Tails> {
  const found: Record<string, string[]> = {};
  const put = (container: string, lines: readonly string[]) => {
    const last = lines.slice(-TAIL_LINES).map(redactSecrets);
    if (last.some((line) => line.trim() !== '')) {
      found[container] = last;
    }
  };
  if (isAzuremlError(error, 'DEPLOYMENT_FAILED')) {
    const { logsByContainer = {}, logs = [] } = error as DeploymentFailedError;
    for (const [container, lines] of Object.entries(logsByContainer)) {
      put(container, lines);
    }
    if (Object.keys(found).length === 0) {
      put(CONTAINERS[0], logs);
    }
  }
  const isAboutService = isAzuremlError(error, 'DEPLOYMENT_FAILED') || isAzuremlError(error, 'TIMEOUT');
  if (Object.keys(found).length > 0 || !isAboutService || service === undefined) {
    return found;
  }
  const isLocal = service.kind === 'LocalWebservice';
  for (const container of isLocal ? [CONTAINERS[0]] : CONTAINERS) {
    try {
      const text = await service.getLogs({
        ...(isLocal ? {} : { container }),
        numLines: TAIL_LINES,
        timeoutMs: TAIL_TIMEOUT_MS,
        abortSignal: io.abortSignal,
      });
      put(container, text.split('\n'));
    } catch (failure) {
      put(container, [`The log could not be read: ${errorText(failure)}`]);
    }
  }
  return found;
}

function reasonOf(error: unknown): string | undefined {
  return isAzuremlError(error, 'DEPLOYMENT_FAILED') ? (error as DeploymentFailedError).reason : undefined;
}
