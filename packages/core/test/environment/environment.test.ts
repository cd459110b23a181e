import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { Environment } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';
import { openStandIn, requests } from '../support/stand-in.ts';
import { blobNames, openStorage } from '../support/storage.ts';

const ROUTES = {
  liveness: { port: 8080, path: '/live' },
  readiness: { port: 8080, path: '/ready' },
  scoring: { port: 8080, path: '/predict' },
};
const IMAGE = 'registry.example/team/scoring:1';

describe('an environment', () => {
  it('with an image is registered once, under a version that follows from its definition', async () => {
    const { standIn, workspace } = await openStandIn();
    const environment = new Environment({ name: 'node', image: IMAGE, routes: ROUTES, tags: { team: 'a' } });
    const registered = await environment.register(workspace);

    expect(registered).toMatchObject({ name: 'node', image: IMAGE, routes: ROUTES, tags: { team: 'a' } });
    expect(registered.version).toMatch(/^[0-9a-f]{16}$/);
    expect(registered.id).toBe(`${workspace.id}/environments/node/versions/${registered.version}`);
    expect(environment.id).toBeUndefined();
    standIn.clearExchanges();
    expect((await environment.register(workspace)).id).toBe(registered.id);
    expect(await registered.register(workspace)).toBe(registered);
    expect(requests(standIn).filter((request) => !request.startsWith('GET'))).toEqual([]);
    const other = await new Environment({ name: 'node', image: `${IMAGE}0`, routes: ROUTES }).register(workspace);
    expect(other.version).not.toBe(registered.version);
  });

  it('keeps a version that was given for one definition', async () => {
    const { workspace } = await openStandIn();
    await new Environment({ name: 'node', version: 7, image: IMAGE }).register(workspace);
    const other = new Environment({ name: 'node', version: 7, image: `${IMAGE}0` });
    expect(await rejection(other.register(workspace))).toMatchObject({ code: 'ENVIRONMENT_EXISTS' });
    const routed = new Environment({ name: 'node', version: 7, image: IMAGE, routes: ROUTES });
    expect(await rejection(routed.register(workspace))).toMatchObject({ code: 'ENVIRONMENT_EXISTS' });
  });

  it('gets what is said of it later', async () => {
    const { standIn, workspace } = await openStandIn();
    const definition = { name: 'node', version: 7, image: IMAGE };
    await new Environment({ ...definition, tags: { team: 'a' } }).register(workspace);
    const said = new Environment({ ...definition, tags: { stage: 'live' }, description: 'x' });
    expect(await said.register(workspace)).toMatchObject({ tags: { team: 'a', stage: 'live' }, description: 'x' });
    standIn.clearExchanges();
    await said.register(workspace);
    expect(requests(standIn).every((request) => request.startsWith('GET'))).toBe(true);
  });

  it('is read by its version, and otherwise not found', async () => {
    const { workspace } = await openStandIn();
    await new Environment({ name: 'node', version: 7, image: IMAGE, description: 'x' }).register(workspace);
    expect(await Environment.get(workspace, 'node', 7)).toMatchObject({ version: '7', image: IMAGE, description: 'x' });
    expect(await rejection(Environment.get(workspace, 'node', 8))).toMatchObject({
      code: 'ENVIRONMENT_NOT_FOUND',
      message: expect.stringContaining('Environment.list()'),
    });
    expect(await rejection(Environment.get(workspace, 'a b', 8))).toMatchObject({ code: 'VALIDATION' });
  });

  it('is listed, newest first', async () => {
    // Lists of versions are none of the operations in the copy of the specification.
    const { standIn, workspace } = await openStandIn({ isChecked: false });
    for (const [name, version] of [
      ['node', '1'],
      ['node', '2'],
      ['other', '1'],
    ] as const) {
      standIn.addAsset('environments', name, version, { properties: { image: IMAGE } });
    }
    const ids = async (options = {}) => {
      const found: string[] = [];
      for await (const { name, version } of Environment.list(workspace, options)) {
        found.push(`${name}:${version}`);
      }
      return found;
    };
    expect(await ids()).toEqual(['node:2', 'node:1', 'other:1']);
    expect(await ids({ name: 'node' })).toEqual(['node:2', 'node:1']);
    expect((await Environment.get(workspace, 'node')).version).toBe('2');
    expect(await rejection(Environment.get(workspace, 'nobody'))).toMatchObject({ code: 'ENVIRONMENT_NOT_FOUND' });
  });

  it.each([
    ['no name', { name: '', image: IMAGE }],
    ['neither image nor build', { name: 'a' }],
    ['both', { name: 'a', image: IMAGE, build: { directory: '.' } }],
    ['no address', { name: 'a', image: 'https://registry.example/a b' }],
    ['a route without a slash', { name: 'a', image: IMAGE, routes: { ...ROUTES, scoring: { port: 1, path: 'x' } } }],
    ['a port that is none', { name: 'a', image: IMAGE, routes: { ...ROUTES, scoring: { port: 0, path: '/x' } } }],
    ['a version that is none', { name: 'a', image: IMAGE, version: 'a b' }],
  ])('with %s is refused', (_, options) => {
    expect(() => new Environment(options)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });
});

describe('an environment that Azure builds', () => {
  let azurite: Azurite;
  let folder: string;
  beforeAll(async () => {
    azurite = await startAzurite();
    folder = await mkdtemp(join(tmpdir(), 'environment-'));
  }, 60_000);
  afterAll(async () => {
    await azurite.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has its folder uploaded, once', async () => {
    const { standIn, workspace, container } = await openStorage(azurite);
    await mkdir(join(folder, 'docker'));
    await writeFile(join(folder, 'docker', 'Own.Dockerfile'), 'FROM scratch');
    await writeFile(join(folder, 'docker', 'notes.txt'), 'x');
    await writeFile(join(folder, 'docker', '.amlignore'), 'notes.txt\n');
    const build = { directory: join(folder, 'docker'), dockerfile: 'Own.Dockerfile' };
    const environment = new Environment({ name: 'built', build });
    const { id } = await environment.register(workspace);

    const [asset] = standIn.assets('environments');
    expect(asset?.resource['properties']).toMatchObject({
      build: {
        dockerfilePath: 'Own.Dockerfile',
        contextUri: expect.stringMatching(
          new RegExp(`/${container.containerName}/azureml-ts/environments/[0-9a-f]{64}/$`),
        ),
      },
    });
    const names = (await blobNames(container)).map((name) => name.split('/').slice(3).join('/'));
    expect(names).toEqual(['Own.Dockerfile']);
    standIn.clearExchanges();
    expect((await environment.register(workspace)).id).toBe(id);
    expect(standIn.exchanges().every(({ method }) => method === 'GET')).toBe(true);
    await writeFile(join(folder, 'docker', 'Other.Dockerfile'), 'FROM other');
    await new Environment({ name: 'own', version: 1, build }).register(workspace);
    const other = new Environment({ name: 'own', version: 1, build: { ...build, dockerfile: 'Other.Dockerfile' } });
    expect(await rejection(other.register(workspace))).toMatchObject({ code: 'ENVIRONMENT_EXISTS' });
    for (const wrong of [{ ...build, dockerfile: 'notes.txt' }, { directory: join(folder, 'nowhere') }]) {
      const other = new Environment({ name: 'built', build: wrong });
      expect(await rejection(other.register(workspace))).toMatchObject({ code: 'VALIDATION' });
    }
  });
});
