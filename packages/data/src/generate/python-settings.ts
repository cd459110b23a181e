import { ENGINE_TYPES } from './engine-types.ts';
import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';
import { pythonList, pythonText } from './literals.ts';

/** Lines of a Python file that say what is read. Names stand only in literals, so that none can end a comment. */
export function pythonSettings(source: GenerateSource, options: GenerateOptions, root: string): string {
  const { names, versions, designation, joinWith, layout } = source;
  const { types = {}, joinTypes = {}, featureNames } = options;
  return [
    '# Where the rows are, and what they are called: <ROOT>/<NAMES>/<version>/<designation>/<yyyy>/<mm>/<dd>/<FILES>.',
    `ROOT = ${pythonText(root)}`,
    '# Subscription, resource group, workspace, web service, model.',
    `NAMES = ${pythonList(names)}`,
    '# Versions of the model; None reads all of them.',
    `VERSIONS = ${versions === undefined ? 'None' : pythonList(versions)}`,
    `DESIGNATION = ${pythonText(designation)}`,
    '# What the rows are joined with; None for nothing.',
    `JOIN_WITH = ${joinWith === undefined ? 'None' : pythonText(joinWith)}`,
    `FILES = ${layout === 'python-v1' ? '"*.csv"' : '"data*.csv"'}`,
    '# Names of the features, where the files have no header.',
    `FEATURE_NAMES = ${featureNames === undefined ? 'None' : pythonList(featureNames)}`,
    '# Types of features: string, double, boolean, timestamp or bigint. What is not named here becomes what it looks like.',
    ...(joinWith === undefined || joinWith === designation
      ? [`TYPES = {${pythonText(designation)}: ${typeTable(types)}}`]
      : [
          'TYPES = {',
          `    ${pythonText(designation)}: ${typeTable(types)},`,
          `    ${pythonText(joinWith)}: ${typeTable(joinTypes)},`,
          '}',
        ]),
  ].join('\n');
}

/** The days of a range as Python values. */
export function pythonDays({ range }: GenerateSource): { from: string; to: string } {
  const literal = (day: string | undefined) => (day === undefined ? 'None' : pythonText(day));
  return { from: literal(range.from), to: literal(range.to) };
}

function typeTable(types: NonNullable<GenerateOptions['types']>): string {
  const entries = Object.entries(types).map(
    ([name, type]) => `${pythonText(name)}: ${pythonText(ENGINE_TYPES[type].python)}`,
  );
  return `{${entries.join(', ')}}`;
}
