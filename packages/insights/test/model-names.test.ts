import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelNames } from '../src/model-names.ts';

describe('modelNames', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'models-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('takes a folder that ends in a version for that model, whether it is there or not', () => {
    expect(modelNames('/var/azureml-app/azureml-models/best_model/10')).toEqual(['best_model:10']);
    expect(modelNames('/var/azureml-app/azureml-models/best_model/10/')).toEqual(['best_model:10']);
  });

  it('lists every version of every model in another folder', async () => {
    await mkdir(path.join(folder, 'b', '2'), { recursive: true });
    await mkdir(path.join(folder, 'a', '1'), { recursive: true });
    await mkdir(path.join(folder, 'a', 'notes'), { recursive: true });
    await writeFile(path.join(folder, 'README.md'), '');
    await symlink(path.join(folder, 'a'), path.join(folder, 'c'));

    expect(modelNames(folder)).toEqual(['a:1', 'b:2', 'c:1']);
  });

  it('gives none where nothing can be read', () => {
    expect(modelNames(undefined)).toEqual([]);
    expect(modelNames(' ')).toEqual([]);
    expect(modelNames(path.join(folder, 'absent'))).toEqual([]);
  });
});
