import { readFileSync } from 'node:fs';
import { isSameJson, jsonDifferences } from '../json-differences.ts';
import { TELEMETRY_RULES } from '../rules/telemetry-rules.ts';
import { passed, type Verdict } from '../verdict.ts';
import { type CaseMeaning, parsedText, type TransportMeaning } from './meaning.ts';
import { type PlayedRequests, playFailedStart, playRequests } from './play-server.ts';
import { isOfRequests, recordedRequests, recordedStart, recordedTransport } from './recorded-cases.ts';
import { readTelemetry } from './recording.ts';
import { FAILED_START_EXIT_CODE, MADE_REQUESTS, type MadeRequest } from './requests.ts';

/** How our server is played. */
export interface TelemetryPlayer {
  requests(made: readonly MadeRequest[]): Promise<PlayedRequests>;
  failedStart(): Promise<CaseMeaning>;
}

const OURS: TelemetryPlayer = { requests: playRequests, failedStart: playFailedStart };

const NOTHING: CaseMeaning = { prints: [], failures: [], notices: [], others: [] };

/**
 * Runs one recording of what an inference server sent to Application Insights: plays the same requests with ours, and
 * compares what both tell.
 */
export function runTelemetryFile(file: string): Promise<Verdict[]> {
  return runTelemetry(readFileSync(file, 'utf8'));
}

/** The same for the text of a recording. */
export async function runTelemetry(text: string, player: TelemetryPlayer = OURS): Promise<Verdict[]> {
  const batches = readTelemetry(text);
  if (!isOfRequests(batches)) {
    return [judge('the start', recordedStart(batches, FAILED_START_EXIT_CODE), await player.failedStart())];
  }
  const cases = recordedRequests(batches);
  const made = findMade(cases);
  const played = await player.requests(made.filter((request) => request !== undefined));
  let next = 0;
  const verdicts = cases.map((recorded, index): Verdict => {
    const name = `request ${index + 1}`;
    if (made[index] === undefined) {
      const line = 'is a request of which it is not known what the script did';
      return { name, outcome: 'failed', lines: [line], rules: [] };
    }
    const ours = played.cases[next] ?? NOTHING;
    next += 1;
    return judge(name, withSameId(recorded, ours), ours);
  });
  const others = judge('what belongs to no request', { strays: [] }, { strays: played.strays });
  return [...verdicts, others, judge('the sending', recordedTransport(batches), played.transport)];
}

/** Finds which request was made for each recorded one: the first in their order that fits. */
function findMade(cases: readonly CaseMeaning[]): (MadeRequest | undefined)[] {
  const left = [...MADE_REQUESTS];
  return cases.map((recorded) => {
    const index = left.findIndex((made) => isMade(recorded, made));
    return index === -1 ? undefined : left.splice(index, 1)[0];
  });
}

function isMade({ request, bodies }: CaseMeaning, made: MadeRequest): boolean {
  if (request === undefined || request.path !== '/score' || request.method !== 'POST') {
    return false;
  }
  const sameId =
    made.requestId === undefined ? isGivenByServer(request.requestId) : made.requestId === request.requestId;
  const sameClient = made.clientRequestId === request.clientRequestId;
  const sameBody =
    bodies === undefined || (typeof made.body === 'string' && isSameJson(parsedText(made.body), bodies.input));
  return sameId && sameClient && sameBody;
}

/** An id that a server gave itself is another one in each run. */
function withSameId(recorded: CaseMeaning, ours: CaseMeaning): CaseMeaning {
  const [id, own] = [recorded.request?.requestId, ours.request?.requestId];
  if (id === undefined || own === undefined || !isGivenByServer(id) || !isGivenByServer(own)) {
    return recorded;
  }
  return JSON.parse(JSON.stringify(recorded, (_, value: unknown) => (value === id ? own : value))) as CaseMeaning;
}

function isGivenByServer(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

type Meaning = CaseMeaning | TransportMeaning | { readonly strays: readonly string[] };

function judge(name: string, recorded: Meaning, ours: Meaning): Verdict {
  const scene = {
    recorded: 'prints' in recorded ? recorded : NOTHING,
    ours: 'prints' in ours ? ours : NOTHING,
  };
  const used = new Set<string>();
  const lines: string[] = [];
  for (const difference of jsonDifferences(recorded, ours)) {
    const at = difference.path.join('.');
    const rule = TELEMETRY_RULES.find((candidate) => candidate.explains({ ...difference, at }, scene));
    if (rule === undefined) {
      lines.push(`${at}: recorded ${short(difference.recorded)}, ours ${short(difference.ours)}`);
    } else if (rule.isCommon !== true) {
      used.add(rule.id);
    }
  }
  const broken = TELEMETRY_RULES.filter(({ keeps }) => keeps?.(scene.ours) === false);
  lines.push(...broken.map(({ id }) => `ours does not do what the rule ${id} says`));
  return lines.length === 0 ? passed(name, used) : { name, outcome: 'failed', lines, rules: [...used] };
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
