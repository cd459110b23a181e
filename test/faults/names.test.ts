import path from 'node:path';
import { CollectedData } from '@azureml-ts/data';
import { ModelDataCollector, type StorageTarget } from '@azureml-ts/monitoring';
import { checkSegment, parseDataFilePath } from '@azureml-ts/monitoring/format';
import fc from 'fast-check';
import { newFolder } from './support/folders.ts';
import { textsBelow } from './support/texts-below.ts';
import './support/quiet.ts';
import { type BlobStores, startBlobStores } from './support/stores.ts';

/** What a path is made of. */
interface Names {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspaceName: string;
  readonly webserviceName: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly designation: string;
}

const PARTS = [
  'subscriptionId',
  'resourceGroup',
  'workspaceName',
  'webserviceName',
  'modelName',
  'modelVersion',
  'designation',
] as const;

const plain: Names = {
  subscriptionId: 'sub',
  resourceGroup: 'rg',
  workspaceName: 'ws',
  webserviceName: 'svc',
  modelName: 'model',
  modelVersion: '1',
  designation: 'inputs',
};

let stores: BlobStores;
beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

function optionsOf(names: Names, storage: StorageTarget) {
  const { subscriptionId, resourceGroup, workspaceName, webserviceName, modelVersion, designation } = names;
  const workspace = { subscriptionId, resourceGroup, workspaceName };
  return { workspace, webserviceName, modelVersion, designation, storage };
}

/** Stores a row under these names and reads it back under the same. */
async function roundTrip(names: Names, storage: StorageTarget): Promise<{ x: string; path: string }[]> {
  const options = optionsOf(names, storage);
  const collector = new ModelDataCollector(names.modelName, {
    ...options,
    featureNames: ['x'],
    journal: { directory: newFolder() },
  });
  collector.collect(['here']);
  await collector.close();
  const data = await CollectedData.open({ ...options, modelName: names.modelName });
  const found: { x: string; path: string }[] = [];
  for await (const file of data.files()) {
    for await (const row of data.rows<{ x: string }>({ types: 'strings' })) {
      found.push({ x: row.x, path: file.path });
    }
  }
  return found;
}

/** What {@link REFUSED} says, as the package itself decides it. */
function isSegment(text: string): boolean {
  try {
    return checkSegment('name', text) === text;
  } catch {
    return false;
  }
}

const TAKEN: readonly (readonly [what: string, name: string])[] = [
  ['a space', 'my model'],
  ['spaces at both ends', ' padded '],
  ['capitals', 'CamelCase'],
  ['letters outside of ASCII', 'Größe-模型-é'],
  ['combining marks', 'e\u0301'],
  ['characters of two units', 'cat-🐈'],
  ['what has a meaning in addresses', 'a%20b?c#d&e=f+g;h:i@j'],
  ['quotes, brackets and stars', `'"()[]{}<>*|^~$!,`],
  ['dots in front and inside', '..a..b'],
  ['255 characters', 'x'.repeat(255)],
  ['what looks like a date or a file', '2026'],
  ['the name of a file of rows', 'data.csv'],
  ['names that every object has', '__proto__'],
];

const REFUSED: readonly (readonly [what: string, name: string])[] = [
  ['a slash', 'a/b'],
  ['a backslash', 'a\\b'],
  ['a dot segment', '.'],
  ['two dots', '..'],
  ['a way up', '../../etc'],
  ['a dot at the end', 'model.'],
  ['a line end', 'a\nb'],
  ['a zero byte', 'a\u0000b'],
  ['half a character', 'a\ud83d'],
  ['nothing', ''],
  ['256 characters', 'x'.repeat(256)],
];

describe.each(['blobs', 'files'])('names in the path, as %s', (kind) => {
  const storage = (): StorageTarget =>
    kind === 'blobs' ? { connectionString: stores.azurite.connectionString } : { directory: newFolder() };

  it.each(TAKEN)('may have %s: rows are found again under the same name', async (_, name) => {
    for (const part of PARTS) {
      // The version and a name of 255 characters are enough for one part at a time.
      const names = { ...plain, [part]: name };
      const found = await roundTrip(names, storage());
      expect(found.map(({ x }) => x)).toEqual(['here']);
      expect(parseDataFilePath(found[0]?.path ?? '')?.[part === 'modelVersion' ? 'modelVersion' : 'modelName']).toBe(
        part === 'modelVersion' || part === 'modelName' ? name : plain.modelName,
      );
    }
  });

  it('are read back whatever they are', async () => {
    const segment = fc
      .string({
        unit: fc.oneof(
          fc.constantFrom(' ', '%', '.', '-', 'ü', '漢', '🐈', '+', '&'),
          fc.string({ minLength: 1, maxLength: 1 }),
        ),
        minLength: 1,
        maxLength: 12,
      })
      .filter(isSegment);
    await fc.assert(
      fc.asyncProperty(fc.record(Object.fromEntries(PARTS.map((part) => [part, segment]))), async (names) => {
        const found = await roundTrip(names as unknown as Names, storage());
        expect(found.map(({ x }) => x)).toEqual(['here']);
        expect(parseDataFilePath(found[0]?.path ?? '')).toMatchObject({ modelName: names['modelName'] });
      }),
      { numRuns: 25 },
    );
  });
});

describe('a name that cannot be a folder of the path', () => {
  it.each(REFUSED)('is refused when the collector is made: %s', (_, name) => {
    const directory = newFolder();
    for (const part of PARTS) {
      const names = { ...plain, [part]: name };
      // An empty setting of the environment means none; an empty option is a mistake.
      expect(() => new ModelDataCollector(names.modelName, optionsOf(names, { directory }))).toThrow(
        expect.objectContaining({ code: 'VALIDATION', message: expect.stringContaining(part) }),
      );
    }
  });

  it('is refused when all together are longer than the name of a blob', () => {
    const long = 'x'.repeat(240);
    const names = { ...plain, subscriptionId: long, resourceGroup: long, workspaceName: long, modelName: long };
    expect(() => new ModelDataCollector(long, optionsOf(names, { directory: newFolder() }))).toThrow(
      expect.objectContaining({ code: 'VALIDATION', message: expect.stringContaining('1,024') }),
    );
  });

  it('keeps rows waiting and says why when only the file system cannot have it', async () => {
    const directory = newFolder();
    const issues: string[] = [];
    const collector = new ModelDataCollector('模'.repeat(100), {
      ...optionsOf(plain, { directory }),
      featureNames: ['x'],
      journal: { directory: newFolder() },
      onError: ({ code }) => issues.push(code),
    });
    expect(collector.collect(['1'])).toMatchObject({ accepted: 1 });
    await expect(collector.close()).rejects.toMatchObject({ keptRows: 1, lostRows: 0 });
    expect(issues[0]).toBe('VALIDATION');
    expect(new Set(issues).size).toBe(issues.length);
    expect(await textsBelow(path.join(directory, 'modeldata'))).toEqual(new Map());
  });
});
