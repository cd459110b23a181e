import { harmless, harmlessLine, isAzuremlError, redactSecrets } from '@azureml-ts/common';
import type { DeploymentFailedError, Webservice } from '@azureml-ts/core';
import type { Command } from 'commander';
import { addServiceOptions, findService, type ServiceCliOptions } from '../../azure/service-options.ts';
import type { CommandIo } from '../../io.ts';
import { fieldsText, writeDocument } from '../../output/documents.ts';
import { errorIds, errorText } from '../../output/error-text.ts';
import { progressLines } from '../../output/progress.ts';
import { writeStepSummary } from '../../output/step-summary.ts';
import { errorJson } from '../../output/update-report.ts';
import { parseSeconds } from '../parse-values.ts';
import { CONTAINERS } from './logs.ts';
import { serviceDocument } from './show.ts';

/** Last lines of the log that are shown with a failure. */
const TAIL_LINES = 50;
/** Longest time for fetching them: they are a help, and must not hold the failure up. */
const TAIL_TIMEOUT_MS = 30_000;

interface WaitOptions extends ServiceCliOptions {
  readonly timeout?: number;
}

/** `azureml-ts service wait`: waits until a service is healthy; a failure shows the last lines of its log. */
export function addServiceWait(parent: Command, io: CommandIo): void {
  addServiceOptions(
    parent
      .command('wait')
      .description('wait until a service is healthy; on a failure print the end of its log and exit with 1')
      .argument('<name>')
      .option('--timeout <seconds>', 'longest wait (default: 3600)', parseSeconds),
  ).action((name: string, options: WaitOptions) => wait(name, options, io));
}

async function wait(name: string, options: WaitOptions, io: CommandIo): Promise<void> {
  const { service } = await findService(name, options, io);
  const { abortSignal } = io;
  try {
    await service.waitForDeployment({ ...progressLines(io, name), timeoutMs: options.timeout, abortSignal });
  } catch (error) {
    if (abortSignal?.aborted !== true) {
      await showFailure(service, error, options, io);
    }
    throw error;
  }
  await (options.output === 'json'
    ? writeDocument(io, { service: serviceDocument(service) })
    : io.writeOut(fieldsText(io, { name, kind: service.kind, state: service.state, scoringUri: service.scoringUri })));
}

type Tails = Readonly<Record<string, readonly string[]>>;

async function showFailure(service: Webservice, error: unknown, options: WaitOptions, io: CommandIo): Promise<void> {
  const logs = await tailsOf(service, error, io);
  for (const [container, lines] of Object.entries(logs)) {
    io.writeError(`==> ${harmlessLine(`${service.name}: end of the log of ${container}`)} <==\n`);
    io.writeError(lines.map((line) => `${harmless(line)}\n`).join(''));
  }
  const failure = isAzuremlError(error) ? error : undefined;
  const { requestId, operationId } = errorIds(error);
  await writeStepSummary(io, {
    title: `azureml-ts: "${service.name}" is not healthy`,
    facts: {
      service: service.name,
      kind: service.kind,
      state: service.state,
      code: failure?.code,
      reason: reasonOf(error),
      message: errorText(error),
      request: requestId,
      operation: operationId,
    },
    texts: Object.fromEntries(Object.entries(logs).map(([name, lines]) => [`End of the log of ${name}`, lines])),
  });
  if (options.output === 'json') {
    await writeDocument(io, {
      service: serviceDocument(service),
      error: { ...errorJson(error), reason: reasonOf(error) ?? null },
      logs,
    });
  }
}

/** The last lines by container: those that the error brought, else those that the service has now. */
async function tailsOf(service: Webservice, error: unknown, io: CommandIo): Promise<Tails> {
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
  if (Object.keys(found).length > 0 || !isAboutService) {
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
