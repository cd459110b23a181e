import { Model } from '../../../src/model/model.ts';
import { rejection } from '../../support/local-services.ts';
import { type DeployPlace, deployTests, STATIC_SERVER } from './support.ts';

const { open, folder, writeProject } = deployTests(STATIC_SERVER);

/** Everything that Azure holds now, without when it was made, and under the name of one container. */
async function worldOf({ standIn, container, blobs }: DeployPlace): Promise<unknown> {
  const resources = {
    endpoint: standIn.endpoint('loans')?.resource,
    deployments: [...(standIn.endpoint('loans')?.deployments.values() ?? [])].map(({ resource }) => resource),
    assets: [...standIn.assets('models'), ...standIn.assets('environments')].map(({ resource }) => resource),
    blobs: await blobs(),
  };
  return JSON.parse(JSON.stringify(resources).replaceAll(container, 'store'), (name, value) =>
    name === 'systemData' ? undefined : value,
  );
}

/** Paths of the blobs whose bytes were sent and stored so far. */
function stored({ standIn }: DeployPlace): string[] {
  return standIn
    .exchanges()
    .filter(({ plane, method, answer }) => plane === 'blob' && method === 'PUT' && answer.status === 201)
    .map(({ url }) => new URL(url).pathname);
}

describe('a deployment that is interrupted', () => {
  it.each(['before', 'after'] as const)(
    'at any request (cut %s it is acted on) is finished by the same call, with nothing uploaded twice',
    async (cut) => {
      await writeProject({ 'net/w.bin': 'weights' });
      const models = [new Model({ name: 'net', version: '1', path: `${folder()}/net` })];
      const call = { wait: true, models, config: { collectModelData: true } };
      const whole = await open();
      await whole.deploy(call);
      const wanted = await worldOf(whole);
      const requests = whole.standIn.exchanges();
      expect(requests.length).toBeGreaterThan(20);
      // A reading changes nothing: its answer may as well be lost before.
      const places = [...requests.keys()].filter(
        (at) => cut === 'before' || !/GET|HEAD/.test(requests[at]?.method ?? ''),
      );

      let failures = 0;
      for (const at of places) {
        const place = await open();
        place.standIn.fail({ cut, after: at, times: Number.POSITIVE_INFINITY });
        const error = await place.deploy(call).then(
          () => undefined,
          (failure: unknown) => failure,
        );
        failures += error === undefined ? 0 : 1;
        place.standIn.clearFaults();
        const before = stored(place);
        place.standIn.clearExchanges();
        await place.deploy(call);
        expect({ at, world: await worldOf(place) }).toEqual({ at, world: wanted });
        expect({ at, twice: stored(place).filter((path) => before.includes(path)) }).toEqual({ at, twice: [] });
      }
      expect(failures).toBeGreaterThan(places.length / 2);
    },
    180_000,
  );

  it('by its caller ends with the reason of the signal, and is finished later', async () => {
    const place = await open();
    place.standIn.planOperations({ polls: 0 }, { polls: 5 }, { polls: 0 });
    const ended = new AbortController();
    const reason = new Error('enough');
    const error = await rejection(
      place.deploy({
        wait: true,
        abortSignal: ended.signal,
        onProgress: ({ message }) => message === 'InProgress' && ended.abort(reason),
      }),
    );
    expect(error).toBe(reason);
    expect((await place.deploy({ wait: true })).traffic).toEqual({ default: 100 });
  });

  it('is refused by a time limit, which says what was waited for', async () => {
    const place = await open();
    place.standIn.planOperations({ polls: 0 }, { polls: Number.POSITIVE_INFINITY });
    const error = await rejection(place.deploy({ wait: true, timeoutMs: 1_500 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('The deployment of "loans"') });
  });

  it('is not disturbed by the same one at the same time', async () => {
    const place = await open();
    const services = await Promise.all([place.deploy({ wait: true }), place.deploy({ wait: true })]);
    expect(services.map(({ state, traffic }) => ({ state, traffic }))).toEqual([
      { state: 'Healthy', traffic: { default: 100 } },
      { state: 'Healthy', traffic: { default: 100 } },
    ]);
    expect(place.standIn.assets('environments')).toHaveLength(1);
  });
});
