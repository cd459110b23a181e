import { Program } from './support/program.ts';

const PHASES = ['server', 'collectors', 'telemetry'];
const closed = (who: string) => PHASES.flatMap((phase) => [`${who} closes ${phase}`, `${who} closed ${phase}`]);
const lastWords = (who: string) => PHASES.map((phase) => `${who} last words of ${phase}`);

describe('several copies of the package in one process', () => {
  it('share one order: the ESM and the CommonJS copy', async () => {
    const { stdout, signal } = await Program.run('copies.mjs', 'esm', 'cjs');
    expect(signal).toBe('SIGTERM');
    expect(stdout.split('\n')).toEqual([
      'distinct copies: 2',
      ...PHASES.flatMap((phase) =>
        ['closes', 'closed'].flatMap((word) => [`esm ${word} ${phase}`, `cjs ${word} ${phase}`]),
      ),
      ...PHASES.flatMap((phase) => [`esm last words of ${phase}`, `cjs last words of ${phase}`]),
      'raised',
      '',
    ]);
  });

  it.each([
    [['esm', 'older']],
    [['older', 'esm']],
    [['esm', 'newer']],
    [['newer', 'cjs']],
    [['older', 'esm', 'cjs', 'newer']],
  ])('that have different shapes close side by side, and raise the signal once (%j)', async (copies) => {
    const { stdout, stderr, signal } = await Program.run('copies.mjs', ...copies);
    const said = stdout.split('\n');
    expect(said[0]).toBe(`distinct copies: ${copies.length}`);
    for (const who of copies) {
      expect(said.filter((line) => line.startsWith(`${who} close`))).toEqual(closed(who));
      expect(said.filter((line) => line.startsWith(`${who} last`))).toEqual(
        // The first shape did not keep the order of the phases here.
        who === 'older' ? lastWords(who).toReversed() : lastWords(who),
      );
    }
    expect(said.filter((line) => line === 'raised')).toHaveLength(1);
    expect(said.slice(-2)).toEqual(['raised', '']);
    expect(signal).toBe('SIGTERM');
    expect(stderr).toBe('');
  });

  it('that have different shapes leave the decision to a handler of the process itself', async () => {
    const { stdout, code } = await Program.run('copies.mjs', 'older', 'esm', 'newer', 'own');
    expect(code).toBe(7);
    expect(stdout).not.toContain('raised');
    for (const who of ['older', 'esm', 'newer']) {
      expect(stdout.split('\n').filter((line) => line.startsWith(`${who} close`))).toEqual(closed(who));
    }
  });
});
