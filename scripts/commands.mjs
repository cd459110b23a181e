import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { findNode24 } from './node24.mjs';
import { ROOT, STATE } from './paths.mjs';
import { PlainError } from './say.mjs';
import { supervise } from './supervise.mjs';
import { runTests, totals } from './test.mjs';

/** What a command needs to be there, and what it runs under Node 24, given the arguments after its name. */
const COMMANDS = {
  demo: { build: true, run: (node, args) => supervise(node, ['examples/diabetes/demo.ts', ...args], { cwd: ROOT }) },
  test: { build: true, run: (node, args) => runTests(node, args) },
  'test:faults': { build: true, run: (node, args) => runTests(node, args, 'jest.faults.config.mjs') },
  'test:golden': {
    build: true,
    run: (node, args) => supervise(node, ['test/golden-runner/main.ts', ...args], { cwd: ROOT }),
  },
  'test:interop': {
    build: true,
    run: (node, args) => supervise(node, ['test/interop/main.ts', ...args], { cwd: ROOT }),
  },
  build: { build: true, run: async () => 0 },
  lint: { run: (node, args) => biome(node, ['check', '--error-on-warnings', ...(args.length > 0 ? args : ['.'])]) },
  format: { run: (node, args) => biome(node, ['check', '--write', ...(args.length > 0 ? args : ['.'])]) },
  typecheck: { run: (node, args) => tool(node, 'typescript/bin/tsc', ['-p', 'tsconfig.json', ...args]) },
  changeset: { run: (node, args) => tool(node, '@changesets/cli/bin.js', args) },
  api: { build: true, run: (node, args) => supervise(node, ['scripts/api.mjs', ...args], { cwd: ROOT }) },
  bench: { build: true, run: (node, args) => supervise(node, ['test/bench/main.ts', ...args], { cwd: ROOT }) },
};

/**
 * Runs one command with its set-up.
 *
 * @param {string[]} args The command and its arguments.
 * @returns {Promise<number>} Exit code: the command's own, or 1 when the set-up failed, 2 for an unknown command.
 */
export async function main([name, ...args]) {
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (command === undefined) {
    console.error(`Unknown command ${JSON.stringify(name ?? '')}. Known: ${Object.keys(COMMANDS).join(', ')}.`);
    return 2;
  }
  let setUp = false;
  try {
    const node = await withLock(STATE, async () => {
      await ensureInstalled();
      const found = findNode24();
      if (command.build === true) {
        await ensureBuilt(found);
      }
      return found;
    });
    setUp = true;
    return await command.run(node, args[0] === '--' ? args.slice(1) : args);
  } catch (error) {
    if (!(error instanceof PlainError)) {
      throw error;
    }
    console.error(error.message);
    if (name?.startsWith('test') && !setUp) {
      console.log(totals(0, 1));
    }
    return error.exitCode;
  }
}

function biome(node, args) {
  return tool(node, '@biomejs/biome/bin/biome', args);
}

function tool(node, file, args) {
  return supervise(node, [join(ROOT, 'node_modules', ...file.split('/')), ...args], { cwd: ROOT });
}
