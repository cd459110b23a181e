import { ourError } from './error-meanings.ts';
import { call, type Library, type LibraryObject } from './library.ts';
import { WORKSPACE } from './placeholders.ts';
import { ARM_TOKEN, BASE } from './play.ts';
import { camelCase, optionsOf } from './python-names.ts';
import { recordedService } from './recorded-services.ts';
import { startReplayServer } from './replay-server.ts';
import { VALIDATION_RULES } from './rules/validation-rules.ts';
import { type PeerError, readError } from './scenario-file.ts';
import { anyObject, type Json, strictList, strictObject, strictText, UnreadableCase } from './strict.ts';
import { passed, type Verdict } from './verdict.ts';

/** What was wrong with settings. */
interface Refusal {
  readonly paths: readonly string[];
  readonly code: string | undefined;
  readonly message: string;
}

const CLASSES: Readonly<Record<string, string>> = {
  aks: 'AksWebservice',
  aks_endpoint: 'AksEndpoint',
  aci: 'AciWebservice',
  local: 'LocalWebservice',
};
const REFUSED: readonly string[] = [
  'DEPLOYMENT_CONFIGURATION_INVALID',
  'NOTHING_TO_UPDATE',
  'UNSUPPORTED_SETTING',
  'VALIDATION',
];

/**
 * Runs validation.json.
 *
 * @param requests requests.json: updates are checked against the services that it shows.
 */
export async function runValidation(library: Library, file: unknown, requests: unknown): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [index, entry] of strictList(file, 'validation.json').entries()) {
    try {
      verdicts.push(await runCase(library, entry, requests));
    } catch (error) {
      if (!(error instanceof UnreadableCase)) {
        throw error;
      }
      verdicts.push({ name: `[${index}]`, outcome: 'failed', lines: [`cannot be read: ${error.message}`], rules: [] });
    }
  }
  return verdicts;
}

async function runCase(library: Library, entry: unknown, requests: unknown): Promise<Verdict> {
  const fields = strictObject(entry, 'the case', ['kind', 'args', 'error'], ['kind', 'args', 'error']);
  const kind = strictText(fields['kind'], 'kind');
  const args = anyObject(fields['args'], 'args');
  const error = readError(fields['error']);
  return compare(`${kind} ${JSON.stringify(args)}`, args, error, await refusalOf(library, kind, args, requests));
}

async function refusalOf(library: Library, kind: string, args: Json, requests: unknown): Promise<Refusal | undefined> {
  if (kind === 'service_name') {
    const paths = (await library.deploymentFaults(args['name'])).filter((path) => path === 'name');
    return paths.length === 0 ? undefined : { paths, code: REFUSED[0], message: 'the name is refused' };
  }
  const [, short = '', action = '', words = 'on any service'] =
    /^(\w+)\.(deploy_configuration|update)(?:\((.*)\))?$/.exec(kind) ?? [];
  const target = Object.hasOwn(CLASSES, short) ? CLASSES[short] : undefined;
  if (target === undefined) {
    throw new UnreadableCase(`it is of a kind that this runner does not know: ${kind}`);
  }
  const Kind = library.classOf(target);
  if (Kind === undefined) {
    return { paths: [], code: undefined, message: `our library has no class ${target}` };
  }
  return action === 'deploy_configuration'
    ? refusal(() => call(Kind, 'deployConfiguration', optionsOf(args)))
    : updateRefusal(library, Kind, target, words, args, requests);
}

/** Asks for an update that is not sent: what is taken passes every check before the first request. */
async function updateRefusal(
  library: Library,
  Kind: LibraryObject,
  target: string,
  words: string,
  args: Json,
  requests: unknown,
): Promise<Refusal | undefined> {
  const places = { base: BASE, tmp: '/nowhere', armToken: ARM_TOKEN };
  const reading = recordedService(requests, target, words, places);
  await using server = await startReplayServer([reading], places);
  const { policy } = server;
  const workspace = library.openWorkspace({
    ...WORKSPACE,
    base: BASE,
    armToken: ARM_TOKEN,
    policy,
    pollIntervalMs: 0,
  });
  const name = reading.path.split('/').at(-1);
  const service = (await call(Kind, 'get', workspace, name)) as LibraryObject;
  // Awaited here, as the server must stay until then.
  return await refusal(() => call(service, 'update', optionsOf(args), { dryRun: true }));
}

async function refusal(work: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const faults: unknown = (error as { faults?: unknown }).faults;
    const paths = Array.isArray(faults) ? faults.map(({ path }) => String(path)) : [];
    const { code, message } = ourError(error);
    return { paths, code, message };
  }
}

function compare(name: string, args: Json, recorded: PeerError | null, ours: Refusal | undefined): Verdict {
  const settings = optionsOf(args);
  const failed = (line: string): Verdict => ({ name, outcome: 'failed', lines: [line], rules: [] });
  if (ours === undefined) {
    if (recorded === null) {
      return passed(name, []);
    }
    const rule = VALIDATION_RULES.find((candidate) => candidate.explainsAcceptance?.(settings, recorded.message));
    return rule === undefined
      ? failed(`the peer refuses it (${recorded.message.trim()}), ours takes it`)
      : passed(name, [rule.id]);
  }
  if (ours.code === undefined || !REFUSED.includes(ours.code)) {
    return failed(`ours fails otherwise: ${ours.message}`);
  }
  if (recorded !== null) {
    const missing = unnamed(recorded.message, ours.paths);
    return missing === undefined
      ? passed(name, [])
      : failed(`the peer says "${missing}", ours names ${ours.paths.join(', ')} only`);
  }
  const used = new Set<string>();
  for (const path of ours.paths) {
    const given = Object.entries(args).find(([argument]) => camelCase(argument) === path)?.[1];
    const rule = VALIDATION_RULES.find((candidate) => candidate.explainsRefusal?.({ path, value: given, settings }));
    if (rule === undefined) {
      return failed(`the peer takes it, ours refuses ${path}: ${ours.message}`);
    }
    used.add(rule.id);
  }
  return used.size === 0 ? failed(`the peer takes it, ours refuses it: ${ours.message}`) : passed(name, used);
}

/** The first line of the peer's message whose settings ours names none of; lines that name no setting are passed over. */
function unnamed(message: string, paths: readonly string[]): string | undefined {
  const roots = paths.map((path) => path.split(/[.[]/)[0] ?? '');
  return message.split('\n').find((line) => {
    const words = [...line.matchAll(/\b[a-z]+(?:_[a-z]+)*\b/g)].map(([word]) => word);
    const namesSettings = words.some((word) => word.includes('_'));
    return namesSettings && roots.length > 0 && !words.some((word) => roots.includes(camelCase(word)));
  });
}
