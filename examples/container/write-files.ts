import { join } from 'node:path';
import { writeContainerFiles } from '@azureml-ts/inference-server';
import { OPTIONS } from './options.ts';

const { files, missing } = await writeContainerFiles({
  ...OPTIONS,
  directory: join(import.meta.dirname, 'service'),
  overwrite: true,
});
for (const file of files) {
  console.log(file);
}
for (const part of missing) {
  console.log(`Missing: ${part}`);
}
