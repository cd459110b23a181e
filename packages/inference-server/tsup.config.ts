import { defineConfig } from 'tsup';
import { packageBuild } from '../../tsup.base.ts';

export default defineConfig(
  packageBuild({
    index: 'src/index.ts',
    main: 'src/main.ts',
    worker: 'src/worker.ts',
    'parent-watch-thread': 'src/parent-watch-thread.ts',
  }),
);
