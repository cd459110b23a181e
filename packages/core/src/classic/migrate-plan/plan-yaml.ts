import { harmlessLine, type JsonValue } from '@azureml-ts/common';
import type { MigrationNote } from './migration-draft.ts';
import type { MigratedDeployment, MigrationPlan } from './plan-migration.ts';

/** Texts that are texts without quotes too: no number, no date, no word with a meaning. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z.][A-Za-z0-9_./-]*$/i;

const TITLES: readonly (readonly [MigrationNote['outcome'], string])[] = [
  ['todo', 'To do:'],
  ['changed', 'Changed:'],
  ['lost', 'Cannot carry over:'],
];

/**
 * A migration plan as deployment files, with comments on what changes and why. Several deployments are several documents
 * with `---` between them: each belongs in a file of its own.
 */
export function formatMigrationPlan(plan: MigrationPlan): string {
  return plan.deployments.map((deployment) => documentOf(plan, deployment)).join('---\n');
}

function documentOf({ name, kind }: MigrationPlan, { entries, notes }: MigratedDeployment): string {
  const lines = [`# The ${kind} "${name}" as a deployment of an online endpoint.`];
  for (const [outcome, title] of TITLES) {
    const told = notes.filter((note) => note.outcome === outcome);
    if (told.length > 0) {
      lines.push('#', `# ${title}`, ...told.map(({ field, message }) => `# - ${field}: ${message}`));
    }
  }
  lines.push('');
  const text = lines.map((line) => harmlessLine(line).trimEnd());
  for (const { key, value, comments, isOff } of entries) {
    text.push(...comments.map((comment) => harmlessLine(`# ${comment}`)));
    text.push(...valueLines(key, value).map((line) => (isOff ? `# ${line}` : line)));
  }
  return `${text.join('\n')}\n`;
}

function valueLines(key: string, value: JsonValue): string[] {
  const name = scalar(key);
  if (Array.isArray(value)) {
    return value.length === 0
      ? [`${name}: []`]
      : [`${name}:`, ...value.map((item) => `  - ${scalar(item as JsonValue)}`)];
  }
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).flatMap(([field, item]) => valueLines(field, item as JsonValue));
    return inner.length === 0 ? [`${name}: {}`] : [`${name}:`, ...inner.map((line) => `  ${line}`)];
  }
  return [`${name}: ${scalar(value)}`];
}

/** A scalar. Whatever could be read as something else is quoted as JSON, which YAML reads. */
function scalar(value: JsonValue): string {
  return typeof value === 'string' && PLAIN.test(value) ? value : asciiJson(value);
}

/** JSON in ASCII: YAML has fewer letters than JSON, and a terminal must not be steered. */
function asciiJson(value: JsonValue): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
