/** A step of a pipeline that runs shell commands. */
export interface PipelineStep {
  readonly name: string;
  readonly script: string;
  /** Whether it runs also after a failure. */
  readonly isAlwaysRun: boolean;
}

const SCRIPT_KEY = /^\s*(?:- )?(run|script|inlineScript):\s*(.*)$/;
const NAME_KEY = /^\s*(?:- )?(?:name|displayName):\s*(.*)$/;

/**
 * Reads the shell commands out of the YAML of GitHub Actions (`run:`) or of Azure Pipelines (`script:`, `inlineScript:`),
 * written as in our examples: a step begins with `- ` and its commands stand in one line, or in a block after `|`.
 */
export function stepsOf(yaml: string): PipelineStep[] {
  return yaml
    .split(/^(?= *- )/m)
    .slice(1)
    .flatMap((text) => {
      const lines = text.split('\n');
      const at = lines.findIndex((line) => SCRIPT_KEY.test(line));
      const [, , value = ''] = SCRIPT_KEY.exec(lines[at] ?? '') ?? [];
      if (at === -1) {
        return [];
      }
      const name = lines.map((line) => NAME_KEY.exec(line)?.[1]).find((found) => found !== undefined) ?? value;
      const isAlwaysRun = lines.some((line) => /^\s*(if|condition): always\(\)$/.test(line));
      return [{ name, script: value === '|' ? blockAfter(lines, at) : `${value}\n`, isAlwaysRun }];
    });
}

function blockAfter(lines: readonly string[], at: number): string {
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const indent = indentOf(lines[at + 1] ?? '');
  const block: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (line.trim() !== '' && indentOf(line) < indent) {
      break;
    }
    block.push(line.slice(indent));
  }
  return `${block.join('\n').trimEnd()}\n`;
}
