import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFolder } from '../src/make-folder.ts';

describe('makeFolder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'azureml-ts-folder-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('makes a folder and those above it, with the permissions asked for, once or again', async () => {
    const folder = path.join(root, 'a', 'b');
    await makeFolder(folder, 0o700);
    await makeFolder(folder, 0o750);
    expect([path.dirname(folder), folder].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  const itWithProc = process.platform === 'linux' ? it : it.skip;
  itWithProc('ends with the error of a file system that makes no folders', async () => {
    await expect(makeFolder('/proc/azureml-ts/rows')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
