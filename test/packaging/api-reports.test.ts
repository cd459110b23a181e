import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, STATE } from '../support/checkout.ts';
import { PACKAGES } from '../support/packages.ts';
import { runNode } from '../support/run.ts';

describe('the API reports', () => {
  let folder: string;

  beforeAll(async () => {
    mkdirSync(STATE, { recursive: true });
    folder = mkdtempSync(join(STATE, 'api-test-'));
    const { code, stdout, stderr } = await runNode([join(ROOT, 'scripts', 'api.mjs'), '--out', folder], {
      timeoutMs: 150_000,
    });
    expect(`${code}\n${stdout}${stderr}`).toMatch(/^0\n/);
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(PACKAGES.map((entry) => entry.shortName))('of %s are those of the built package', (shortName) => {
    const reports = readdirSync(join(folder, shortName));
    expect(reports).toContain('api.md');
    const outdated = reports.filter((report) => {
      const committed = join(ROOT, 'packages', shortName, report);
      return (
        !existsSync(committed) ||
        readFileSync(committed, 'utf8') !== readFileSync(join(folder, shortName, report), 'utf8')
      );
    });
    const silent = reports.flatMap(
      (report) => readFileSync(join(folder, shortName, report), 'utf8').match(/^.*\(undocumented\)\n.*$/gm) ?? [],
    );
    expect(silent.filter((entry) => !entry.includes('@internal'))).toEqual([]);
    if (outdated.length > 0) {
      throw new Error(
        `The public interface of ${shortName} is not what its ${outdated.join(', ')} says. ` +
          'If the change is meant, run `npm run api` and commit the report with it.',
      );
    }
  });
});
