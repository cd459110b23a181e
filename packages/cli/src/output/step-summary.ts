import { appendFile } from 'node:fs/promises';
import { errorMessage, harmless, harmlessLine, redactSecrets } from '@azureml-ts/common';
import type { CommandIo } from '../io.ts';

/** Part of a summary: a table of facts, then texts to open. */
export interface StepSummary {
  readonly title: string;
  readonly facts: Readonly<Record<string, string | undefined>>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

/**
 * Appends to the summary page of a GitHub Actions job (`GITHUB_STEP_SUMMARY`); does nothing elsewhere. A page that cannot
 * be written is told, and is no failure.
 */
export async function writeStepSummary(io: CommandIo, summary: StepSummary): Promise<void> {
  const file = io.env['GITHUB_STEP_SUMMARY'];
  if (!file) {
    return;
  }
  try {
    await appendFile(file, summaryText(summary));
  } catch (error) {
    io.writeError(`azureml-ts: the summary of the job could not be written: ${harmlessLine(errorMessage(error))}\n`);
  }
}

/** The summary as Markdown, in which nothing of what it quotes is markup. */
export function summaryText({ title, facts, texts }: StepSummary): string {
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`| ${inCell(name)} | ${inCell(value)} |`],
  );
  const blocks = Object.entries(texts).flatMap(([name, lines]) =>
    lines.length === 0
      ? []
      : [
          `<details><summary>${escapeHtml(name)}</summary>`,
          '',
          `<pre>${escapeHtml(harmless(redactSecrets(lines.join('\n'))))}</pre>`,
          '',
          '</details>',
          '',
        ],
  );
  return [`### ${inCell(title)}`, '', '| | |', '|---|---|', ...rows, '', ...blocks, ''].join('\n');
}

function inCell(text: string): string {
  return escapeHtml(harmlessLine(redactSecrets(text))).replace(/[\\|`*_[\]]/g, (sign) => `\\${sign}`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
