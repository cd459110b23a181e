import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { Model } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';
import { requests } from '../support/stand-in.ts';
import { openStorage } from '../support/storage.ts';

let azurite: Azurite;
let folder: string;
beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
  await mkdir(join(folder, 'net', 'weights'), { recursive: true });
  await writeFile(join(folder, 'net', 'model.json'), '{}');
  await writeFile(join(folder, 'net', 'weights', 'w.bin'), 'weights');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Listing versions is none of the operations in the copy of the specification. */
const open = () => openStorage(azurite, { isChecked: false });

describe('registering a model', () => {
  it('uploads a folder, makes version 1, and the next version when the files change', async () => {
    const { standIn, workspace } = await open();
    const path = join(folder, 'net');
    const first = await Model.register(workspace, { name: 'net', path, tags: { team: 'a' }, description: 'A net' });

    expect(first).toMatchObject({ name: 'net', version: '1', tags: { team: 'a' }, description: 'A net' });
    expect(first.id).toBe(`${workspace.id}/models/net/versions/1`);
    expect(first.uri).toMatch(/^azureml:\/\/subscriptions\/.*\/paths\/azureml-ts\/models\/[0-9a-f]{64}\/net$/);
    standIn.clearExchanges();
    expect((await Model.register(workspace, { name: 'net', path })).version).toBe('1');
    expect(requests(standIn).filter((request) => request.startsWith('PUT'))).toEqual([]);
    await writeFile(join(path, 'model.json'), '{"layers":2}');
    expect((await Model.register(workspace, { name: 'net', path })).version).toBe('2');
    expect(standIn.assets('models').map(({ version }) => version)).toEqual(['1', '2']);
  });

  it('takes a version of its own, which never gets other files', async () => {
    const { workspace } = await open();
    const path = join(folder, 'net', 'model.json');
    const model = await Model.register(workspace, { name: 'net', path, version: '2026-11-a' });
    expect(model.uri?.endsWith('/model.json')).toBe(true);
    expect((await Model.register(workspace, { name: 'net', path, version: '2026-11-a' })).id).toBe(model.id);
    await writeFile(path, '{"other":1}');

    expect(await rejection(Model.register(workspace, { name: 'net', path, version: '2026-11-a' }))).toMatchObject({
      code: 'MODEL_EXISTS',
    });
  });

  it('is read, listed and downloaded with every byte', async () => {
    const { standIn, workspace } = await open();
    await Model.register(workspace, { name: 'net', path: join(folder, 'net'), tags: { stage: 'test' } });
    standIn.addAsset('models', 'other', '3');

    const newest = await Model.get(workspace, 'net');
    expect(newest.version).toBe('1');
    expect((await Model.get(workspace, 'net', 1)).id).toBe(newest.id);
    const ids = async (options = {}) => {
      const found: string[] = [];
      for await (const { name, version } of Model.list(workspace, options)) {
        found.push(`${name}:${version}`);
      }
      return found;
    };
    expect(await ids()).toEqual(['net:1', 'other:3']);
    expect(await ids({ name: 'net' })).toEqual(['net:1']);
    expect(await ids({ tags: { stage: 'test' } })).toEqual(['net:1']);

    const files: string[] = [];
    const place = await newest.download(join(folder, 'out'), {
      onFile: (path, bytes) => files.push(`${path} ${bytes}`),
    });
    expect(files).toEqual(['net/model.json 2', 'net/weights/w.bin 7']);
    // As the script finds it below AZUREML_MODEL_DIR, here and in Azure.
    expect(place).toBe(join(folder, 'out', 'net'));
    expect(await readFile(join(place, 'weights', 'w.bin'), 'utf8')).toBe('weights');
    await rm(join(place, 'model.json'));
    expect(await rejection(newest.download(join(folder, 'out')))).toMatchObject({ code: 'FILE_EXISTS' });
    // Nothing is written when one file is there.
    expect(await readdir(place)).toEqual(['weights']);
    await newest.download(join(folder, 'out'), { overwrite: true });
  });

  it('keeps what is said of it later, and nothing else changes', async () => {
    const { standIn, workspace } = await open();
    const path = join(folder, 'net');
    await Model.register(workspace, { name: 'net', path, tags: { team: 'a', stage: 'test' } });
    const call = { name: 'net', path, tags: { stage: 'live' }, description: 'A net', properties: { run: '7' } };
    const again = await Model.register(workspace, call);

    expect(again).toMatchObject({
      version: '1',
      tags: { team: 'a', stage: 'live' },
      description: 'A net',
      properties: { run: '7' },
    });
    standIn.clearExchanges();
    await Model.register(workspace, call);
    await Model.register(workspace, { name: 'net', path });
    expect(requests(standIn).filter((request) => !request.startsWith('GET'))).toEqual([]);
    // What cannot be changed makes another version, or none.
    for (const other of [{ properties: { run: '8' } }, { type: 'mlflow_model' }]) {
      expect(await rejection(Model.register(workspace, { ...call, ...other, version: 1 }))).toMatchObject({
        code: 'MODEL_EXISTS',
      });
      expect((await Model.register(workspace, { ...call, ...other })).version).not.toBe('1');
    }
  });

  it('gets the next number when another one takes it at the same time', async () => {
    const { standIn, workspace } = await open();
    const files = ['a', 'b', 'c'].map((name) => join(folder, name));
    await Promise.all(files.map((file) => writeFile(file, file)));
    const models = await Promise.all(files.map((path) => Model.register(workspace, { name: 'net', path })));
    expect(models.map(({ version }) => version).sort()).toEqual(['1', '2', '3']);
    expect(standIn.assets('models')).toHaveLength(3);
  });

  it('keeps every letter of its files', async () => {
    const { workspace } = await open();
    const names = ['a b.bin', '50%.bin', '#1?.bin', 'ä 漢 🙂.bin', '%41.bin', 'empty.bin'];
    await Promise.all(names.map((name) => writeFile(join(folder, name), name === 'empty.bin' ? '' : name)));
    for (const [at, name] of names.entries()) {
      const model = await Model.register(workspace, { name: `file-${at}`, path: join(folder, name) });
      const place = await (await Model.get(workspace, `file-${at}`)).download(join(folder, 'out'));
      expect(place).toBe(join(folder, 'out', name));
      expect(await readFile(place, 'utf8')).toBe(name === 'empty.bin' ? '' : name);
      expect(model.uri?.endsWith(`/${name}`)).toBe(true);
    }
    const whole = await Model.register(workspace, { name: 'folder', path: `${folder}/` });
    expect((await readdir(await whole.download(join(folder, 'out')))).sort()).toEqual([...names, 'net', 'out'].sort());
  });

  it('says which file cannot be read or written', async () => {
    const { workspace } = await open();
    const model = await Model.register(workspace, { name: 'net', path: join(folder, 'net') });
    await writeFile(join(folder, 'taken'), '');
    expect(await rejection(model.download(join(folder, 'taken')))).toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      message: expect.stringContaining(join('taken', 'net', 'model.json')),
    });
    // A listener of the caller's must not stop the work.
    const onFile = () => {
      throw new Error('no');
    };
    expect(await readdir(await model.download(join(folder, 'out'), { onFile }))).toContain('model.json');
    await writeFile(join(folder, 'net', 'new'), '');
    const onUpload = onFile;
    expect((await Model.register(workspace, { name: 'net', path: join(folder, 'net'), onUpload })).version).toBe('2');
  });

  it('says what is missing or wrong', async () => {
    const { workspace } = await open();
    expect(await rejection(Model.get(workspace, 'nobody', 7))).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await rejection(Model.get(workspace, 'nobody'))).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await rejection(Model.register(workspace, { name: 'a b', path: folder }))).toMatchObject({
      code: 'VALIDATION',
    });
    expect(await rejection(Model.register(workspace, { name: 'a', path: folder, version: '1/2' }))).toMatchObject({
      code: 'VALIDATION',
      details: { path: 'version' },
    });
    expect(await rejection(Model.register(workspace, { name: 'a', path: join(folder, 'nowhere') }))).toMatchObject({
      code: 'VALIDATION',
    });
    const own = new Model({ name: 'own', path: folder });
    expect(await rejection(own.download(folder))).toMatchObject({ code: 'MODEL_NOT_REGISTERED' });
  });
});
