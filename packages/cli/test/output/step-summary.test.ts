import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summaryText, writeStepSummary } from '../../src/output/step-summary.ts';
import { RecordedIo } from '../recorded-io.ts';

const SUMMARY = {
  title: 'a | b',
  facts: { code: 'X', none: undefined, message: 'one\ntwo <b> AccountKey=c2VjcmV0;' },
  texts: { 'log <of> it': ['</pre><script>', 'sig=abc', '```'], empty: [] },
};

describe('summaryText', () => {
  it('lets nothing that it quotes be markup, and takes secrets out', () => {
    const text = summaryText(SUMMARY);
    expect(text).toContain('### a \\| b\n');
    expect(text).toContain('| code | X |\n| message | one two &lt;b&gt; AccountKey=\\[redacted\\]; |\n');
    expect(text).toContain('<summary>log &lt;of&gt; it</summary>');
    expect(text).toContain('<pre>&lt;/pre&gt;&lt;script&gt;\nsig=[redacted]\n```</pre>');
    expect(text).not.toMatch(/none|empty/);
  });
});

describe('writeStepSummary', () => {
  it('appends to the page of the job', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-'));
    try {
      const file = join(folder, 'summary.md');
      writeFileSync(file, 'before\n');
      await writeStepSummary(new RecordedIo({ GITHUB_STEP_SUMMARY: file }), SUMMARY);
      expect(readFileSync(file, 'utf8')).toMatch(/^before\n### a/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells a page that cannot be written, and goes on', async () => {
    const io = new RecordedIo({ GITHUB_STEP_SUMMARY: join(tmpdir(), 'no', 'such', 'folder', 'x.md') });
    await writeStepSummary(io, SUMMARY);
    expect(io.error).toMatch(/^azureml-ts: the summary of the job could not be written: .*ENOENT[^\n]*\n$/);
  });

  it('does nothing outside of GitHub Actions', async () => {
    const io = new RecordedIo();
    await writeStepSummary(io, SUMMARY);
    expect(io.error).toBe('');
  });
});
