import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AzureStandIn, type Azurite, startAzurite } from '@azureml-ts/testing';
import fc from 'fast-check';
import { type ContentFile, folderContent, textContent } from '../../src/upload/content-file.ts';
import { hashedContent } from '../../src/upload/content-hash.ts';
import { uploadContent } from '../../src/upload/upload-content.ts';
import { rejection } from '../support/local-services.ts';
import { blobNames, openStorage } from '../support/storage.ts';

const MIB = 1024 * 1024;
let azurite: Azurite;
let folder: string;
beforeAll(async () => {
  azurite = await startAzurite();
}, 60_000);
afterAll(() => azurite.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'upload-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const writes = (standIn: AzureStandIn) =>
  standIn.exchanges().filter(({ plane, method }) => plane === 'blob' && method === 'PUT').length;

describe('uploading a content', () => {
  it('puts every file below the hash of the content, and sends nothing twice', async () => {
    const { standIn, workspace, container } = await openStorage(azurite);
    await mkdir(join(folder, 'lib'));
    await writeFile(join(folder, 'score.ts'), 'export const run = () => 1;');
    await writeFile(join(folder, 'lib', 'ä b.txt'), 'text');

    const first = await uploadContent(workspace, await hashedContent(await folderContent(folder)), { kind: 'code' });
    expect(first).toMatchObject({ uploadedFiles: 2, skippedFiles: 0, sentBytes: 31 });
    expect(first.uri).toBe(
      `azureml://subscriptions/${workspace.subscriptionId}/resourcegroups/rg1/workspaces/ws1/datastores/workspaceblobstore/paths/azureml-ts/code/${first.hash}`,
    );
    expect(await blobNames(container)).toEqual([
      `azureml-ts/code/${first.hash}/lib/ä b.txt`,
      `azureml-ts/code/${first.hash}/score.ts`,
    ]);
    expect(String(await container.getBlobClient(`azureml-ts/code/${first.hash}/lib/ä b.txt`).downloadToBuffer())).toBe(
      'text',
    );

    const sent = writes(standIn);
    expect(
      await uploadContent(workspace, await hashedContent(await folderContent(folder)), { kind: 'code' }),
    ).toMatchObject({
      hash: first.hash,
      uploadedFiles: 0,
      skippedFiles: 2,
      sentBytes: 0,
    });
    expect(writes(standIn)).toBe(sent);
  });

  it('goes on with a large file where an upload broke off', async () => {
    const { standIn, workspace, container } = await openStorage(azurite);
    const bytes = Buffer.alloc(20 * MIB, 'model');
    const file: ContentFile = {
      path: 'model.bin',
      size: bytes.length,
      open: async function* () {
        yield bytes;
      },
    };
    const content = await hashedContent([file]);
    standIn.fail({ url: /blockid=MDAwMDAwMD[IJ]/, method: 'PUT', status: 409, body: '', times: 1 });
    expect(await rejection(uploadContent(workspace, content, { kind: 'models' }))).toMatchObject({
      code: 'STORAGE_UNREACHABLE',
    });
    standIn.clearExchanges();
    const progress: number[] = [];
    const done = await uploadContent(workspace, content, {
      kind: 'models',
      onUpload: ({ sentBytes }) => progress.push(sentBytes),
    });

    // Two of the three blocks were there.
    expect(done.sentBytes).toBe(4 * MIB);
    expect(progress.at(-1)).toBe(4 * MIB);
    expect(writes(standIn)).toBe(2);
    const stored = await container.getBlobClient(`azureml-ts/models/${done.hash}/model.bin`).downloadToBuffer();
    expect(Buffer.compare(stored, bytes)).toBe(0);
  }, 60_000);

  it.each([
    ['small', 10, 'before'],
    ['large', 9 * MIB, 'before'],
    ['large one of which some is sent', 9 * MIB, 'between'],
  ])(
    'stores nothing of a file that changes: a %s',
    async (_, size, when) => {
      const { standIn, workspace, container } = await openStorage(azurite);
      const path = join(folder, 'model.bin');
      const right = Buffer.alloc(size, 'right');
      await writeFile(path, right);
      const content = await hashedContent(await folderContent(folder));
      if (when === 'between') {
        standIn.fail({ url: /comp=blocklist/, method: 'PUT', status: 409, body: '', times: 1 });
        await rejection(uploadContent(workspace, content, { kind: 'models' }));
      }
      await writeFile(path, Buffer.alloc(size, 'wrong'));

      expect(await rejection(uploadContent(workspace, content, { kind: 'models' }))).toMatchObject({
        code: 'CONTENT_CHANGED',
        retryable: true,
        details: { path: 'model.bin' },
      });
      expect(await blobNames(container)).toEqual([]);
      // The content that has this hash is not held up by what was sent of the other one.
      await writeFile(path, right);
      await uploadContent(workspace, content, { kind: 'models' });
      const [name = ''] = await blobNames(container);
      expect(right.equals(await container.getBlobClient(name).downloadToBuffer())).toBe(true);
    },
    60_000,
  );

  it('names a file that is gone', async () => {
    const { workspace } = await openStorage(azurite);
    await writeFile(join(folder, 'model.bin'), 'x');
    const content = await hashedContent(await folderContent(folder));
    await rm(join(folder, 'model.bin'));
    expect(await rejection(uploadContent(workspace, content, { kind: 'models' }))).toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining('model.bin'),
    });
  });

  it('keeps every letter of a path, and files without bytes', async () => {
    const { workspace, container } = await openStorage(azurite);
    const paths = ['a b/%20#?&.txt', 'ä/漢字 🙂.bin', "it's +=;,$@!/(x)[y]{z}", 'empty', '%41', 'dot./.x'];
    const content = await hashedContent(paths.map((path) => textContent(path, path === 'empty' ? '' : path)));
    const { uploadedFiles } = await uploadContent(workspace, content, { kind: 'code' });
    expect(uploadedFiles).toBe(paths.length);
    const stored = (await blobNames(container)).map((name) => name.split('/').slice(3).join('/'));
    expect(stored.sort()).toEqual([...paths].sort());
    expect(await uploadContent(workspace, content, { kind: 'code' })).toMatchObject({ uploadedFiles: 0, sentBytes: 0 });
  });

  it('says which role is missing when the account refuses', async () => {
    const { standIn, workspace } = await openStorage(azurite);
    standIn.fail({
      url: /\.blob\./,
      status: 403,
      headers: { 'x-ms-error-code': 'AuthorizationPermissionMismatch' },
      body: '',
      times: Number.POSITIVE_INFINITY,
    });
    const error = await rejection(
      uploadContent(workspace, await hashedContent([textContent('a', 'b')]), { kind: 'code' }),
    );

    expect(error).toMatchObject({ code: 'STORAGE_PERMISSION_DENIED', statusCode: 403 });
    expect(error.message).toContain('Storage Blob Data Contributor');
  });

  it('ends when it is told to', async () => {
    const { workspace } = await openStorage(azurite);
    const reason = new Error('enough');
    expect(
      await rejection(
        uploadContent(workspace, await hashedContent([textContent('a', 'b')]), {
          kind: 'code',
          abortSignal: AbortSignal.abort(reason),
        }),
      ),
    ).toBe(reason);
  });
});

describe('the files of a folder', () => {
  it('leave out what .amlignore says, else .gitignore, and packages and git always', async () => {
    for (const directory of ['node_modules/x', '.git', 'data', 'src']) {
      await mkdir(join(folder, directory), { recursive: true });
    }
    for (const file of ['node_modules/x/index.js', '.git/HEAD', 'data/big.csv', 'src/a.ts', 'src/a.log', 'keep.log']) {
      await writeFile(join(folder, file), file);
    }
    await writeFile(join(folder, '.gitignore'), 'data/\n*.log\n!keep.log\n');
    const paths = async (options = {}) => (await folderContent(folder, options)).map(({ path }) => path);

    expect(await paths()).toEqual(['.gitignore', 'keep.log', 'src/a.ts']);
    await writeFile(join(folder, '.amlignore'), 'src/\n');
    expect(await paths()).toEqual(['.gitignore', 'data/big.csv', 'keep.log']);
    await writeFile(join(folder, 'other'), '*\n!keep.log\n');
    expect(await paths({ ignoreFile: join(folder, 'other') })).toEqual(['keep.log']);
  });

  it('follow links to files and folders', async () => {
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'a.txt'), 'a');
    await symlink(join(folder, 'real'), join(folder, 'link'));
    await symlink(join(folder, 'real', 'a.txt'), join(folder, 'b.txt'));

    expect((await folderContent(folder)).map(({ path, size }) => [path, size])).toEqual([
      ['b.txt', 1],
      ['link/a.txt', 1],
      ['real/a.txt', 1],
    ]);
  });

  it('are refused when a link leads nowhere or in a circle, unless it is left out', async () => {
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'src', 'a.txt'), 'a');
    for (const [target, link] of [
      ['..', 'src/loop'],
      ['nowhere', 'src/lost'],
    ] as const) {
      await symlink(target, join(folder, link));
      expect(await rejection(folderContent(folder))).toMatchObject({
        code: 'VALIDATION',
        message: expect.stringContaining(link),
      });
      await writeFile(join(folder, '.amlignore'), `${link}\n`);
      expect((await folderContent(folder)).map(({ path }) => path)).toEqual(['src/a.txt']);
      await rm(join(folder, link));
    }
  });

  it('are refused when one is no file', async () => {
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    try {
      expect(await rejection(folderContent(folder))).toMatchObject({
        code: 'VALIDATION',
        message: expect.stringContaining('socket'),
      });
    } finally {
      server.close();
    }
  });

  it('have a hash that says everything of them, and nothing else', async () => {
    const files = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { selector: ([path]) => path });
    await fc.assert(
      fc.asyncProperty(files, files, async (left, right) => {
        const hash = async (list: [string, string][]) =>
          (await hashedContent(list.map(([path, text]) => textContent(path, text)))).hash;
        expect(await hash([...left].reverse())).toBe(await hash(left));
        const sorted = (list: [string, string][]) => JSON.stringify([...list].sort());
        expect((await hash(left)) === (await hash(right))).toBe(sorted(left) === sorted(right));
      }),
    );
  });
});
