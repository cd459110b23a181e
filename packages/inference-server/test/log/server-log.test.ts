import { ServerLog } from '../../src/log/server-log.ts';

describe('ServerLog', () => {
  it('writes nothing that steers the build system around it', () => {
    const lines: string[] = [];
    new ServerLog((line) => lines.push(line)).line('E', 'failed\n##vso[task.complete]');
    expect(lines[0]).toMatch(/ failed\n# #vso\[task\.complete\]$/);
  });
});
