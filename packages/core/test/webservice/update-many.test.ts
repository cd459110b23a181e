import { setLogSink } from '@azureml-ts/common';
import type { UpdateManyResult } from '../../src/webservice/update-many.ts';
import type { UpdateOptions } from '../../src/webservice/webservice.ts';
import { Webservice } from '../../src/webservice/webservice.ts';
import { rejection } from '../support/local-services.ts';
import { openStandIn } from '../support/stand-in.ts';

/** A service whose update is answered by hand. */
class Slow {
  static running = 0;
  static most = 0;
  readonly done = Promise.withResolvers<string>();
  calls: [object, UpdateOptions][] = [];
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async update(changes: object, options: UpdateOptions): Promise<string> {
    this.calls.push([changes, options]);
    Slow.running += 1;
    Slow.most = Math.max(Slow.most, Slow.running);
    try {
      return await this.done.promise;
    } finally {
      Slow.running -= 1;
    }
  }
}

const asServices = (services: Iterable<Slow> | AsyncIterable<Slow>) => services as unknown as Iterable<Webservice>;
const named = (count: number) => Array.from({ length: count }, (_, index) => new Slow(`s${index}`));
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  Slow.running = 0;
  Slow.most = 0;
});

describe('Webservice.updateMany', () => {
  it('changes services of all kinds, and tells for each what became of it', async () => {
    const { standIn, workspace } = await openStandIn({ pageSize: 2 });
    for (const name of ['e1', 'e2', 'e3']) {
      standIn.addEndpoint(name);
      standIn.addDeployment(name, 'blue', { properties: { appInsightsEnabled: false } });
    }
    standIn.addService('aks1', { appInsightsEnabled: false });
    standIn.fail({ method: 'PUT', url: '/onlineEndpoints/e2/', times: Number.POSITIVE_INFINITY, status: 403 });
    const told: string[] = [];
    const results = await Webservice.updateMany(
      Webservice.list(workspace),
      { enableAppInsights: true },
      { wait: true, onResult: ({ service }) => told.push(service.name) },
    );

    expect(results.map(({ service, error }) => [service.name, (error as { code?: string } | undefined)?.code])).toEqual(
      [
        ['e1', undefined],
        ['e2', 'PERMISSION_DENIED'],
        ['e3', undefined],
        ['aks1', undefined],
      ],
    );
    expect(results[0]?.report).toMatchObject({ name: 'e1', isDryRun: false, parts: expect.any(Array) });
    expect(results[1]?.report).toBeUndefined();
    expect(told.toSorted()).toEqual(['aks1', 'e1', 'e2', 'e3']);
    expect(standIn.deployment('e1', 'blue')?.resource['properties']).toMatchObject({ appInsightsEnabled: true });
    expect(standIn.deployment('e2', 'blue')?.resource['properties']).toMatchObject({ appInsightsEnabled: false });
    expect(standIn.service('aks1')?.resource).toMatchObject({ appInsightsEnabled: true });
  });

  it('writes nothing in a dry run', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addEndpoint('e1');
    standIn.addDeployment('e1', 'blue');
    const [result] = await Webservice.updateMany(
      Webservice.list(workspace),
      { enableAppInsights: true },
      { dryRun: true },
    );
    expect(result?.report).toMatchObject({ isDryRun: true });
    expect(standIn.exchanges().every(({ method }) => method === 'GET')).toBe(true);
  });

  it('tells a setting that a kind lacks for that service alone', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addEndpoint('e1');
    standIn.addDeployment('e1', 'blue');
    standIn.addService('aks1');
    const results = await Webservice.updateMany(Webservice.list(workspace), { autoscaleEnabled: true });
    expect(results.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual([
      'UNSUPPORTED_SETTING',
      undefined,
    ]);
  });

  it('changes at most as many at a time as asked for, and takes no more from its source', async () => {
    const services = named(5);
    let taken = 0;
    const source = (async function* () {
      for (const service of services) {
        taken += 1;
        yield service;
      }
    })();
    const working = Webservice.updateMany(asServices(source), { a: 1 }, { concurrency: 2, timeoutMs: 5, wait: true });
    await turn();
    expect([Slow.running, taken]).toEqual([2, 2]);
    services[1]?.done.resolve('second');
    await turn();
    expect([Slow.running, taken]).toEqual([2, 3]);
    for (const service of services) {
      service.done.resolve(service.name);
    }
    const results: readonly UpdateManyResult[] = await working;
    expect(results.map(({ report }) => report)).toEqual(['s0', 'second', 's2', 's3', 's4']);
    expect(Slow.most).toBe(2);
    expect(services[4]?.calls).toEqual([[{ a: 1 }, expect.objectContaining({ timeoutMs: 5, wait: true })]]);
  });

  it('is not disturbed by a listener that throws', async () => {
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    const [service] = named(1);
    service?.done.resolve('done');
    try {
      const onResult = () => {
        throw new Error('listener');
      };
      expect(await Webservice.updateMany(asServices([service as Slow]), {}, { onResult })).toHaveLength(1);
    } finally {
      restore();
    }
    expect(lines).toEqual([expect.stringContaining('onResult for "s0" failed: listener')]);
  });

  it('throws what its source throws, once the updates under way have ended', async () => {
    const services = named(2);
    const source = (async function* () {
      yield* services;
      throw new Error('no further page');
    })();
    const told: string[] = [];
    const working = rejection(
      Webservice.updateMany(asServices(source), {}, { onResult: ({ service }) => told.push(service.name) }),
    );
    await turn();
    for (const service of services) {
      service.done.resolve('done');
    }
    expect((await working).message).toBe('no further page');
    expect(told).toEqual(['s0', 's1']);
  });

  it('asks a source that failed no more', async () => {
    const services = named(2);
    let asked = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          asked += 1;
          if (asked === 1) {
            throw new Error('broken');
          }
          return { done: false, value: services[0] as Slow };
        },
      }),
    };
    expect(await rejection(Webservice.updateMany(asServices(source), {}))).toMatchObject({ message: 'broken' });
    expect(asked).toBe(1);
  });

  it('begins no further one after its signal, and lets go of its source', async () => {
    const services = named(3);
    let isLetGo = false;
    const source = (async function* () {
      try {
        yield* services;
      } finally {
        isLetGo = true;
      }
    })();
    const abort = new AbortController();
    const working = rejection(
      Webservice.updateMany(asServices(source), {}, { concurrency: 1, abortSignal: abort.signal }),
    );
    await turn();
    abort.abort(new Error('enough'));
    services[0]?.done.reject(abort.signal.reason);
    expect((await working).message).toBe('enough');
    expect(services.map(({ calls }) => calls.length)).toEqual([1, 0, 0]);
    expect(isLetGo).toBe(true);
  });

  it.each([
    ['concurrency', {}, { concurrency: 0 }],
    ['concurrency', {}, { concurrency: 1.5 }],
    ['changes', null, {}],
  ])('refuses a wrong %s', async (path, changes, options) => {
    expect(await rejection(Webservice.updateMany([], changes as object, options))).toMatchObject({
      code: 'VALIDATION',
      path,
    });
  });
});
