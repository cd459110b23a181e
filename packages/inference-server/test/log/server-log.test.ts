import { AccessLog, type AccessRecord } from '../../src/log/access-log.ts';
import { ServerLog } from '../../src/log/server-log.ts';

const record: AccessRecord = {
  at: 0,
  method: 'POST',
  path: '/score',
  status: 200,
  durationMs: 1,
  bytesIn: '3',
  bytesOut: 2,
  requestId: 'r-1',
  isOwnId: false,
  clientRequestId: undefined,
};

describe('ServerLog', () => {
  it('writes nothing that steers the build system around it', () => {
    const lines: string[] = [];
    new ServerLog((line) => lines.push(line)).line('E', 'failed\n##vso[task.complete]');
    expect(lines[0]).toMatch(/ failed\n# #vso\[task\.complete\]$/);
  });

  describe('on standard error', () => {
    const written: string[] = [];
    let write: jest.SpyInstance;

    beforeEach(() => {
      written.length = 0;
      write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
        written.push(String(text));
        return true;
      });
    });

    afterEach(() => write.mockRestore());

    /** What stands in all lines, without their times. */
    const lines = () =>
      written
        .join('')
        .split('\n')
        .slice(0, -1)
        .map((line) => line.replace(/^\S+ /, '').replace(/^(\w) \[\d+\] /, '$1 '));

    it('lines of requests come together, in their order, before any other line and before the end', () => {
      const log = new ServerLog();
      const access = new AccessLog(log, 'text');
      access.write(record);
      access.write({ ...record, at: 60_000, status: 500, requestId: 'r-2' });
      expect(written).toEqual([]);
      log.line('W', 'other');
      expect(written).toHaveLength(2);
      access.write({ ...record, requestId: 'r-3' });
      log.close();
      expect(lines()).toEqual([
        'I POST /score 200 1.000 ms 2 bytes request-id=r-1',
        'E POST /score 500 1.000 ms 2 bytes request-id=r-2',
        'W other',
        'I POST /score 200 1.000 ms 2 bytes request-id=r-3',
      ]);
      expect(written[0]).toMatch(/^1970-01-01T00:00:00\.000Z .*\n1970-01-01T00:01:00\.000Z .*\n$/);
    });

    it('they are written when the process exits, and not only then when there are many', () => {
      const before = process.listeners('exit');
      const log = new ServerLog();
      const access = new AccessLog(log, 'json');
      for (let index = 0; index < 1_000; index++) {
        access.write({ ...record, requestId: `r-${index}` });
      }
      expect(written.length).toBeGreaterThan(0);
      const [atExit] = process.listeners('exit').filter((listener) => !before.includes(listener));
      atExit?.(0);
      const ids = written
        .join('')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as AccessRecord).requestId);
      expect(ids).toEqual(Array.from({ length: 1_000 }, (_, index) => `r-${index}`));
      log.close();
      expect(process.listeners('exit')).toEqual(before);
    });
  });
});
