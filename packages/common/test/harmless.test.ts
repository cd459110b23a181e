import { harmless, harmlessLine } from '../../src/log/harmless.ts';
import { ServerLog } from '../../src/log/server-log.ts';

describe('harmless', () => {
  it('keeps the lines of a stack, but no build command and no control character', () => {
    const text =
      'Error: a\n##vso[task.setvariable variable=X]v\r\n  ::stop-commands::x\n\tat b::c ##[error]\u001b[2J\r!';
    expect(harmless(text)).toBe(
      'Error: a\n# #vso[task.setvariable variable=X]v\n  : :stop-commands::x\n\tat b::c # #[error] [2J\n!',
    );
  });

  it('is part of every line of the log', () => {
    const lines: string[] = [];
    new ServerLog((line) => lines.push(line)).line('E', 'failed\n##vso[task.complete]');
    expect(lines[0]).toMatch(/ failed\n# #vso\[task\.complete\]$/);
  });
});

describe('harmlessLine', () => {
  it('makes one line of it', () => {
    expect(harmlessLine("Unknown option '--a\r\n::error::b\u2028c'")).toBe("Unknown option '--a ::error::b c'");
  });
});
