import { type LogsStandIn, startLogsStandIn } from '@azureml-ts/testing';
import { followTraces } from '../../src/index.ts';
import { accessTo } from './support.ts';

const MINUTE = 60_000;

let logs: LogsStandIn;
beforeEach(async () => {
  logs = await startLogsStandIn();
});
afterEach(() => logs.close());

const ago = (ms: number) => new Date(Date.now() - ms);

/** Follows until so many queries were answered; `onQuery` is called before the n-th is, from 1. */
async function followed(
  queries: number,
  onQuery: (n: number) => void,
  options: Partial<Parameters<typeof followTraces>[1]> = {},
): Promise<string[]> {
  const abort = new AbortController();
  let asked = 0;
  logs.respondWith({
    onHit: () => {
      asked += 1;
      if (asked > queries) {
        abort.abort(new Error('enough'));
      } else {
        onQuery(asked);
      }
    },
  });
  const messages: string[] = [];
  const access = accessTo(logs);
  const { signal: abortSignal } = abort;
  for await (const { message } of followTraces(logs.resourceId, {
    intervalMs: 1,
    abortSignal,
    ...access,
    ...options,
  })) {
    messages.push(message);
  }
  return messages;
}

describe('followTraces', () => {
  it('gives each trace once, also one that the service takes in late, and ends quietly', async () => {
    const messages = await followed(
      5,
      (n) => {
        const timestamp = n === 3 ? ago(10 * MINUTE) : n === 4 ? ago(20 * MINUTE) : new Date();
        logs.addRows('traces', [{ message: `m${n}`, timestamp }]);
      },
      { since: '1h' },
    );
    // The fourth comes later than the 15 minutes that are looked back over.
    expect(messages).toEqual(['m1', 'm2', 'm3', 'm5']);
  });

  it('begins with the time of the call', async () => {
    logs.addRows('traces', [{ message: 'old', timestamp: ago(1000) }]);
    expect(await followed(2, (n) => n === 2 && logs.addRows('traces', [{ message: 'new' }]))).toEqual(['new']);
  });

  it('tells rows without an id apart', async () => {
    const timestamp = new Date();
    const messages = await followed(
      3,
      (n) => logs.addRows('traces', [{ message: n === 2 ? 'b' : 'a', itemId: '', timestamp }]),
      { since: '1h' },
    );
    expect(messages.filter((message) => message === 'b')).toEqual(['b']);
    expect(messages).toContain('a');
  });

  it('repeats a look that failed for a while, and tells of it', async () => {
    logs.addRows('traces', [{ message: 'one' }]);
    const failures: string[] = [];
    const abort = new AbortController();
    logs.respondWith([{ status: 503, times: 8 }, { times: 1 }, { onHit: () => abort.abort(new Error('enough')) }]);
    const messages: string[] = [];
    const options = { ...accessTo(logs), since: '1h', intervalMs: 1, abortSignal: abort.signal };
    for await (const { message } of followTraces(logs.resourceId, {
      ...options,
      onRetry: ({ code }) => failures.push(code),
    })) {
      messages.push(message);
    }
    expect([messages, failures]).toEqual([['one'], ['SERVICE_FAILED', 'SERVICE_FAILED']]);
  });

  it('gives up when it fails again and again, and at once when it cannot get better', async () => {
    const failures: string[] = [];
    const options = {
      ...accessTo(logs),
      intervalMs: 1,
      onRetry: ({ code }: { code: string }) => void failures.push(code),
    };
    const next = () => followTraces(logs.resourceId, options).next();
    logs.respondWith({ status: 500 });
    await expect(next()).rejects.toMatchObject({ code: 'SERVICE_FAILED' });
    expect(failures).toHaveLength(5);
    logs.respondWith({ status: 403 });
    await expect(next()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(failures).toHaveLength(5);
  });

  it.each([
    ['intervalMs', { intervalMs: -1 }],
    ['overlapMs', { overlapMs: Number.NaN }],
    ['since', { since: 'soon' }],
  ])('refuses %s that is none', async (path, options) => {
    const first = followTraces(logs.resourceId, { ...accessTo(logs), ...options }).next();
    await expect(first).rejects.toMatchObject({ code: 'VALIDATION', path });
  });
});
