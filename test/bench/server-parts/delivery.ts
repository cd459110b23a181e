import type { LoadInput, LoadOutput } from '../children/server-load.ts';
import { runChild } from '../support/child.ts';
import type { Figure } from '../support/figure.ts';
import { type SentItem, startIngestion } from '../support/ingestion.ts';
import { startOurs } from '../support/servers.ts';
import { BODY, type ServerPart } from './part.ts';

const REQUESTS = 10_000;
const CONNECTIONS = 16;
const SCRIPT = 'server-score-print.ts';

/** Whether everything arrives. */
export const delivery: ServerPart = async (progress) => {
  progress(`${REQUESTS} requests that print`);
  const printed = await printedRequests();
  progress('SIGTERM in mid-load');
  const ended = await endedInMidLoad();
  return { figures: [...printed, ...ended.figures], remarks: ended.remarks };
};

async function printedRequests(): Promise<Figure[]> {
  await using ingestion = await startIngestion({ keep: true });
  const server = await startOurs({ script: SCRIPT, ingestion });
  try {
    await load({ url: server.url, count: REQUESTS });
  } finally {
    await server[Symbol.asyncDispose]();
  }
  const arrived = arrivals(ingestion.items());
  const all = { of: 'ours', atLeast: REQUESTS, atMost: REQUESTS, text: 'all' } as const;
  const line = (name: string, ours: number): Figure => ({ name, unit: 'rows', ours, target: all });
  const of = `of ${REQUESTS.toLocaleString('en-US')} requests that print a JSON each`;
  return [
    line(`request items ${of}`, arrived.requests.size),
    line(`traces of prints ${of}`, arrived.prints),
    line(`traces that have the operation, the parent and the id of their request, ${of}`, arrived.joined),
  ];
}

async function endedInMidLoad() {
  await using ingestion = await startIngestion({ keep: true });
  const server = await startOurs({ script: SCRIPT, ingestion });
  let outcome: LoadOutput;
  try {
    outcome = await load({ url: server.url, warmUpMs: 1000, untilGone: true }, () => server.terminate());
  } finally {
    await server[Symbol.asyncDispose]();
  }
  const code = await server.ended;
  const { all, cut, failed } = outcome;
  const arrived = arrivals(ingestion.items());
  const each = { of: 'ratio', atLeast: 1, atMost: 1, text: 'all' } as const;
  const peer = { peer: all, peerName: 'answered', compare: 'share' } as const;
  const figures: Figure[] = [
    {
      name: 'request items after SIGTERM in mid-load',
      unit: 'rows',
      ours: arrived.requests.size,
      ...peer,
      target: each,
    },
    { name: 'joined traces of prints, the same', unit: 'rows', ours: arrived.joined, ...peer, target: each },
    {
      name: 'requests that were sent and not answered, the same',
      unit: 'rows',
      ours: cut + failed,
      peer: all,
      peerName: 'answered',
      target: { of: 'ours', atMost: 0, text: 'none' },
    },
  ];
  return { figures, remarks: [`The server ended with exit code ${code} after SIGTERM.`] };
}

function load(input: Partial<LoadInput> & Pick<LoadInput, 'url'>, onCounting: () => void = () => undefined) {
  return runChild<LoadInput, LoadOutput>(
    'server-load.ts',
    { body: BODY, isKept: true, connections: CONNECTIONS, ...input },
    { onTold: onCounting },
  );
}

/** What came, by the ids that items carry. */
function arrivals(items: readonly SentItem[]) {
  const requests = new Map<string, SentItem>();
  for (const item of items) {
    if (item.data.baseType === 'RequestData') {
      requests.set(item.data.baseData.id ?? '', item);
    }
  }
  const prints = items.filter(({ data }) => data.baseData.message === 'STDOUT');
  const joined = prints.filter(({ tags, data }) => {
    const request = requests.get(tags['ai.operation.parentId'] ?? '');
    return (
      request !== undefined &&
      request.tags['ai.operation.id'] === tags['ai.operation.id'] &&
      request.data.baseData.properties?.['Request Id'] === data.baseData.properties?.['Request Id']
    );
  });
  return { requests, prints: prints.length, joined: joined.length };
}
