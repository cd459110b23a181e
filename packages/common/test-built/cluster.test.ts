import { Program } from './support/program.ts';

const closed = (who: string) =>
  ['server', 'collectors', 'telemetry'].map((phase) => `${who} closes ${phase}\n${who} closed ${phase}\n`).join('');
const lastWords = (who: string) =>
  ['server', 'collectors', 'telemetry'].map((phase) => `${who} last words of ${phase}\n`).join('');

/** What the program said after its first line. */
async function run(how: string): Promise<string> {
  const { stdout, stderr } = await Program.run('cluster.mjs', how);
  expect(stderr).toBe('');
  return stdout.slice(stdout.indexOf('\n') + 1);
}

describe('a worker of a cluster', () => {
  it('closes in order when the primary kills it, and SIGTERM is what ended it', async () => {
    expect(await run('kill')).toBe(`${closed('worker')}${lastWords('worker')}worker ended with SIGTERM\n`);
  });

  it('closes in order when the primary disconnects it', async () => {
    expect(await run('disconnect')).toBe(
      `${closed('worker')}${lastWords('worker')}worker exits with 0\nworker ended with 0\n`,
    );
  });

  it('closes in order when the primary is gone, and ends with 0 as Node has it', async () => {
    expect(await run('primary-gone')).toBe(`${closed('worker')}${lastWords('worker')}worker exits with 0\n`);
  });

  it('goes on closing when the primary goes in the middle of it', async () => {
    expect(await run('signal-then-primary-gone')).toBe(
      `${closed('worker')}${lastWords('worker')}worker exits with 0\n`,
    );
  });

  it('says last words when it kills itself: Node then calls process.exit()', async () => {
    expect(await run('kill-itself')).toBe(`${lastWords('worker')}worker exits with 0\nworker ended with 0\n`);
  });

  it('does not keep the parts of the primary from closing when that ends', async () => {
    expect(await run('both')).toBe(
      `${closed('worker')}${lastWords('worker')}worker ended with SIGTERM\n${closed('primary')}${lastWords('primary')}`,
    );
  });
});
