import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

export default defineConfig({
  ...packageBuild({ index: 'src/index.ts' }),
  // Else a class that names itself in a static member is called `_Class`.
  keepNames: true,
});
