import type { FileNode } from './file-node.ts';
import type { KeyRule } from './key-rule.ts';

const QUANTITY = /^(\d+(?:\.\d+)?)(m|Ki|Mi|Gi|Ti|k|M|G|T)?$/;
const GB_UNITS: Readonly<Record<string, number>> = {
  Ki: 2 ** -20,
  Mi: 2 ** -10,
  Gi: 1,
  Ti: 2 ** 10,
  k: 1e3 / 2 ** 30,
  M: 1e6 / 2 ** 30,
  G: 1e9 / 2 ** 30,
  T: 1e12 / 2 ** 30,
};

/** Whether a value may be meant for a rule, by its shape. */
export function fits(node: FileNode, { is }: KeyRule): boolean {
  switch (is) {
    case 'object':
    case 'map':
    case 'texts':
    case 'any':
      return node.kind === 'map';
    case 'list':
      return node.kind === 'list';
    case 'number':
      // A text may be a reference to a number.
      return node.kind === 'scalar' && typeof node.value !== 'boolean';
    default:
      return node.kind === 'scalar';
  }
}

/** What a value must be, for messages. */
export function shapeWords(rule: KeyRule): string {
  switch (rule.is) {
    case 'object':
      return `an object of ${Object.keys(rule.keys).join(', ')}`;
    case 'map':
    case 'texts':
    case 'any':
      return 'an object';
    case 'list':
      return 'a list';
    case 'flag':
      return 'true or false';
    case 'number':
      return rule.isWhole ? 'a whole number' : 'a number';
    case 'quantity':
      return rule.unit === 'cores'
        ? 'an amount of cores such as 0.5 or 500m'
        : 'an amount of memory such as 2Gi or 512Mi';
    default:
      return 'a text';
  }
}

/** Cores, or memory in GB (2^30 bytes, as azureml-core and the service count). */
export function amountOf(text: string, unit: 'cores' | 'GB'): number | undefined {
  const [, digits, suffix] = QUANTITY.exec(text.trim()) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  if (unit === 'cores') {
    return suffix === undefined ? Number(digits) : suffix === 'm' ? Number(digits) / 1000 : undefined;
  }
  // Bytes, when no unit is named.
  const factor = suffix === undefined ? 2 ** -30 : GB_UNITS[suffix];
  return factor === undefined ? undefined : Number(digits) * factor;
}
