import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, STATE } from './paths.mjs';
import { say } from './say.mjs';
import { supervise } from './supervise.mjs';

/** After its last test, Jest may take this long to exit; more means that something it started is still open. */
const EXIT_MS = 30_000;
/** What Jest says, and forgives, when a worker is held open by what a test left behind. */
const WORKER_HELD = 'A worker process has failed to exit gracefully';

/** The line that a test run ends with. */
export function totals(passed, failed) {
  return `${passed} passed, ${failed} failed`;
}

/**
 * Runs Jest and ends with the totals as the last line of stdout.
 *
 * Failed are: tests, files that could not be run, a run without any test, and a run that left something open.
 *
 * @param {string} node Path of Node 24.
 * @param {string[]} args Passed to Jest: paths, `-t`, `--watch`.
 * @param {string} [config] Jest's configuration: which tests there are.
 * @returns {Promise<number>} 0 only when nothing failed.
 */
export async function runTests(node, args, config = 'jest.config.mjs') {
  const file = join(STATE, `test-result-${process.pid}.json`);
  mkdirSync(STATE, { recursive: true });
  rmSync(file, { force: true });
  // What tests leave in the temporary folder, journals of killed processes above all, must not meet a later run.
  const temporary = mkdtempSync(join(tmpdir(), 'azureml-ts-tests-'));
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const reporters = ['--reporters=default', '--reporters=./scripts/jest-reporter.mjs'];
  // `--config` stands last, because `--reporters` takes all words up to the next option as its own.
  const options = [...reporters, ...(process.stderr.isTTY ? ['--colors'] : []), `--config=${config}`];
  let held = false;
  let unended = false;
  let poll;
  const code = await supervise(node, [jest, ...options, ...args], {
    cwd: ROOT,
    env: { ...process.env, AZUREML_TS_TEST_RESULT: file, TMPDIR: temporary },
    stdio: ['inherit', 'inherit', 'pipe'],
    onSpawn: (child) => {
      child.stderr.setEncoding('utf8').on('data', (text) => {
        held ||= text.includes(WORKER_HELD);
        process.stderr.write(text);
      });
      poll = endWhenLate(child, file, () => {
        unended = true;
      });
    },
  });
  clearInterval(poll);
  rmSync(temporary, { recursive: true, force: true });

  let { passed, failed } = readResult(file);
  rmSync(file, { force: true });
  if (unended) {
    say(`the run did not exit within ${EXIT_MS / 1000} s of its last test: a test left something open`);
    failed += 1;
  }
  if (held) {
    say('a test left something open that held its worker process: run the files one by one to find it');
    failed += 1;
  }
  if (passed + failed === 0) {
    say(code > 128 ? 'the tests were stopped before their end' : 'no test was run');
    failed += 1;
  }
  if (code !== 0 && failed === 0) {
    say(`jest ended with exit code ${code}`);
    failed += 1;
  }
  console.log(totals(passed, failed));
  return failed === 0 ? 0 : code === 0 ? 1 : code;
}

/** Ends Jest when it goes on for too long after its reporter wrote the result. */
function endWhenLate(child, file, onLate) {
  let since;
  return setInterval(() => {
    if (since === undefined && existsSync(file)) {
      since = Date.now();
    }
    if (since !== undefined && Date.now() - since > EXIT_MS) {
      onLate();
      child.kill('SIGKILL');
    }
  }, 500);
}

function readResult(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0 }; // Jest ended before its first test.
  }
}
