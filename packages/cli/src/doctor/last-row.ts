import type { Check, DoctorContext } from './context.ts';
import { type Finding, failedFinding, skipped } from './finding.ts';
import { type LastFile, lastFiles } from './streams.ts';

const NAME = 'last-row';
/** Larger files are not read to their end for one time stamp. */
const MAX_BYTES = 16 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** When the last row of each stream of the service was collected. */
export const lastRowCheck: Check = {
  name: NAME,
  async look(context) {
    const { name, storage } = context;
    if (name === undefined) {
      return [];
    }
    if (storage === undefined) {
      return [skipped(NAME, 'the storage could not be listed')];
    }
    try {
      return await context.ask('Looking for the last collected rows', async (abortSignal) => {
        const files = await lastFiles(context, storage, name, abortSignal);
        if (files.length === 0) {
          return [isOff(context) ? nothingAsMeant(name) : nothing(name)];
        }
        const findings: Finding[] = [];
        for (const last of files) {
          findings.push(await findingOf(context, last, abortSignal));
        }
        return findings;
      });
    } catch (error) {
      return [
        failedFinding(NAME, error, 'Give --storage the place that the collector writes to, and try again.', 'warn'),
      ];
    }
  },
};

/** Whether the service says that it collects nothing: then old rows, or none, are no surprise. */
function isOff({ service }: DoctorContext): boolean {
  return (service as { readonly collectModelData?: boolean } | undefined)?.collectModelData === false;
}

function nothingAsMeant(name: string): Finding {
  return { check: NAME, status: 'ok', message: `no row of "${name}" was ever collected; collection is off` };
}

function nothing(name: string): Finding {
  return {
    check: NAME,
    status: 'warn',
    message: `no row of "${name}" was ever collected there`,
    fix: 'Switch collection on (service update --collect-model-data), score once and wait for a flush (10 s); the names of the workspace and the service in the collector must be these.',
  };
}

async function findingOf(
  context: DoctorContext,
  { stream, file }: LastFile,
  abortSignal: AbortSignal,
): Promise<Finding> {
  const what = `${stream.modelName}/${stream.modelVersion}/${stream.designation}`;
  const at = file.size > MAX_BYTES ? undefined : await lastTime(context, { stream, file }, abortSignal);
  const since = at ?? new Date(`${file.day}T23:59:59.999Z`);
  const shown = at === undefined ? `on ${file.day} (UTC)` : `at ${at.toISOString()}`;
  const days = Math.floor((Date.now() - since.getTime()) / DAY_MS);
  return days < 1 || isOff(context)
    ? { check: NAME, status: 'ok', message: `${what}: last row ${shown}${isOff(context) ? '; collection is off' : ''}` }
    : {
        check: NAME,
        status: 'warn',
        message: `${what}: last row ${shown}, ${days === 1 ? 'a day' : `${days} days`} ago`,
        fix: 'See whether the service is called at all, whether collection is on, and what its log says of the collector.',
      };
}

async function lastTime(
  context: DoctorContext,
  { stream, file }: LastFile,
  abortSignal: AbortSignal,
): Promise<Date | undefined> {
  const { CollectedData } = await import('@azureml-ts/data');
  const { workspace, storage } = context;
  if (workspace === undefined || storage === undefined) {
    return undefined;
  }
  const { subscriptionId, resourceGroup, workspaceName } = workspace;
  const collected = await CollectedData.open({
    ...stream,
    storage,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    from: file.day,
    to: file.day,
  });
  let last = '';
  for await (const row of collected.rows({
    columns: [],
    types: 'strings',
    onBadRecord: () => undefined,
    abortSignal,
  })) {
    last = row.$aml_dc_scoring_timestamp > last ? row.$aml_dc_scoring_timestamp : last;
  }
  const time = new Date(last);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
