import { harmless, harmlessLine } from '../src/harmless.ts';

describe('harmless', () => {
  it('keeps the lines of a stack, but no build command and no control character', () => {
    const text =
      'Error: a\n##vso[task.setvariable variable=X]v\r\n  ::stop-commands::x\n\tat b::c ##[error]\u001b[2J\r!';
    expect(harmless(text)).toBe(
      'Error: a\n# #vso[task.setvariable variable=X]v\n  : :stop-commands::x\n\tat b::c # #[error] [2J\n!',
    );
  });
});

describe('harmlessLine', () => {
  it('makes one line of it', () => {
    expect(harmlessLine("Unknown option '--a\r\n::error::b\u2028c'")).toBe("Unknown option '--a ::error::b c'");
  });
});
