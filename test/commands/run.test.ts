import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { runNode } from '../support/run.ts';

const RUN = join(ROOT, 'scripts', 'run.mjs');

describe('run.mjs', () => {
  it.each(['18.20.4', '20.19.9'])(
    'refuses Node %s in one sentence, before anything else is loaded',
    async (version) => {
      const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
      const { code, stdout, stderr } = await runNode(['--import', `data:text/javascript,${pretend}`, RUN, 'build']);
      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^azureml-ts needs Node 20\.20 or newer .* this is Node \d+\.\d+\.\d+\. Install .*\n$/);
      expect(stderr).toContain(version);
    },
  );

  it.each(['no-such-command', 'toString', ''])('exits with 2 and names the commands for %j', async (name) => {
    const { code, stderr } = await runNode([RUN, name]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'Known: demo, test, test:faults, test:golden, test:interop, build, lint, format, typecheck, changeset, api, bench.',
    );
  });
});
