import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './support/bench.ts';
import { runCommand } from './support/command.ts';
import { atMostTimes, type Figure } from './support/figure.ts';
import { install, installedVersion, installPacked } from './support/installed.ts';
import { interleave } from './support/rounds.ts';
import { median } from './support/statistics.ts';

const OURS = '@azureml-ts/monitoring';
const PEER = '@azure/storage-blob';
const ROUNDS = 21;
const MOST_BYTES = 40_000_000;

/** What a scoring script takes on with the package. */
export const footprint: Bench = {
  name: 'footprint',
  title: 'Import and installation',
  about:
    'The packed packages in an empty project, installed by npm with their dependencies from the registry. Imports are cold: a process each, in turns, the time from before the import to after it, without the start of Node. Ours loads its storage client at the first append; importing both together is what it would cost to load it at once.',
  async run({ progress }) {
    progress('packing and installing');
    using project = await installPacked([OURS, '@azureml-ts/common']);
    const version = installedVersion(project, PEER);
    using alone = await install([`${PEER}@${version}`]);
    const measure = (format: 'import' | 'require', names: readonly string[]) => {
      const load =
        format === 'import'
          ? names.map((name) => `await import('${name}');`)
          : names.map((name) => `require('${name}');`);
      const file = join(
        project.folder,
        `${format}-${names.length}-${names[0]?.split('/')[1]}.${format === 'import' ? 'mjs' : 'cjs'}`,
      );
      writeFileSync(
        file,
        `const start = performance.now();\n${load.join('\n')}\nconsole.log(performance.now() - start);\n`,
      );
      return async () => Number(await runCommand(process.execPath, [file], { cwd: project.folder }));
    };
    const results = await interleave(
      ROUNDS,
      {
        import: measure('import', [OURS]),
        'import-peer': measure('import', [PEER]),
        'import-both': measure('import', [OURS, PEER]),
        require: measure('require', [OURS]),
        'require-peer': measure('require', [PEER]),
        'require-both': measure('require', [OURS, PEER]),
      },
      progress,
    );
    const figures: Figure[] = [];
    for (const format of ['import', 'require'] as const) {
      const peer = { peer: median(results[`${format}-peer`]), peerName: `${PEER} alone`, compare: 'cost' } as const;
      figures.push(
        {
          name: `\`${format}\` of ${OURS}`,
          unit: 'ms',
          ours: median(results[format]),
          ...peer,
          target: atMostTimes(1.1),
        },
        {
          name: `\`${format}\` of both`,
          unit: 'ms',
          ours: median(results[`${format}-both`]),
          ...peer,
        },
      );
    }
    figures.push({
      name: 'installed size',
      unit: 'bytes',
      ours: project.bytes,
      peer: alone.bytes,
      peerName: `${PEER} alone`,
      compare: 'cost',
      target: { of: 'ours', atMost: MOST_BYTES, text: 'at most 40 MB' },
    });
    const remark = `Medians of ${ROUNDS} processes each, ${PEER} ${version}. The size is the sum of all files, as \`du -b\` gives it.`;
    return { figures, remarks: [remark] };
  },
};
