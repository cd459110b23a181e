import { nearestName } from '@azureml-ts/common';
import type { DeploymentFault } from '../../errors.ts';

/** Checks one value: what is wrong with it and what would be right, or `undefined`. */
export type ValueRule = (value: unknown) => string | undefined;

/** Rules by the name of the setting. */
export type SettingRules = Readonly<Record<string, ValueRule>>;

/** Source: the pattern of azureml-core; JavaScript's `$` also refuses a trailing newline. */
const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_SHOWN = 100;

/** Whether a value was given: `undefined` and `null` leave the decision to the service. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * Checks the name of a service of any kind but `OnlineEndpoint`: 3 to 32 lower-case letters, digits and dashes, a letter
 * first, a letter or digit last.
 *
 * @param name The name, whatever it is.
 * @returns What is wrong with it, or `undefined`.
 */
export function serviceNameFault(name: unknown): string | undefined {
  return typeof name === 'string' && name.length >= 3 && name.length <= 32 && SERVICE_NAME.test(name)
    ? undefined
    : `must be 3 to 32 lower-case letters, digits and dashes, start with a letter and end with a letter or digit, but is ${shown(name)}`;
}

export const isBoolean: ValueRule = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, but is ${shown(value)}`;

export const isText: ValueRule = (value) =>
  typeof value === 'string' ? undefined : `must be a string, but is ${shown(value)}`;

/** A secret: the value is never told. */
export const isSecret: ValueRule = (value) =>
  typeof value === 'string' && value !== '' ? undefined : 'must be a string that is not empty';

/** The path of a file. The value is not told where it may be the text of the file. */
export const isFilePath: ValueRule = (value) =>
  typeof value === 'string' && value !== '' && !value.includes('\n') ? undefined : 'must be the path of a PEM file';

export const isPositive: ValueRule = (value) =>
  isNumber(value) && value > 0 ? undefined : `must be a number greater than 0, but is ${shown(value)}`;

export const isPositiveWhole: ValueRule = (value) =>
  isNumber(value) && value > 0 && Number.isInteger(value)
    ? undefined
    : `must be a whole number greater than 0, but is ${shown(value)}`;

export const isWhole: ValueRule = (value) =>
  isNumber(value) && value >= 0 && Number.isInteger(value)
    ? undefined
    : `must be a whole number of at least 0, but is ${shown(value)}`;

/** A whole percentage of at least 1. */
export const isUtilization: ValueRule = (value) =>
  isNumber(value) && value > 0 && value <= 100 && Number.isInteger(value)
    ? undefined
    : `must be a whole number of percent from 1 to 100, but is ${shown(value)}`;

/** A share of the traffic. */
export const isPercentile: ValueRule = (value) =>
  isNumber(value) && value >= 0 && value <= 100
    ? undefined
    : `must be a number of percent from 0 to 100, but is ${shown(value)}`;

export const isNamespace: ValueRule = (value) =>
  typeof value === 'string' && NAMESPACE.test(value)
    ? undefined
    : `must be a Kubernetes namespace (1 to 63 lower-case letters, digits and dashes, a letter or digit first and last), but is ${shown(value)}`;

/** Tags or properties. */
export const isTextMap: ValueRule = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `must be an object of strings, but is ${shown(value)}`;
  }
  const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string');
  return wrong === undefined ? undefined : `must be an object of strings, but its "${wrong[0]}" is ${shown(wrong[1])}`;
};

/** Makes the rule that a value is one of some words. */
export function isOneOf(words: readonly string[]): ValueRule {
  return (value) =>
    typeof value === 'string' && words.includes(value)
      ? undefined
      : `must be one of ${words.join(', ')}, but is ${shown(value)}`;
}

/**
 * Checks every setting by itself, also whether there is one of its name.
 *
 * @param settings The settings as the caller gave them; values may be anything.
 * @param rules What settings there are.
 * @param path What the faults' paths start with.
 * @param kind Whose settings, for messages.
 * @param isAbsent Which values count as left out. Default: `undefined` and `null`.
 */
export function valueFaults(
  settings: object,
  rules: SettingRules,
  path: string,
  kind: string,
  isAbsent: (value: unknown) => boolean = (value) => !isGiven(value),
): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  const names = Object.keys(rules);
  for (const [name, value] of Object.entries(settings)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const message =
      rule === undefined
        ? value === undefined
          ? undefined
          : unknownName(name, names, kind)
        : isAbsent(value)
          ? undefined
          : rule(value);
    if (message !== undefined) {
      faults.push({ path: `${path}${name}`, message });
    }
  }
  return faults;
}

/** Says that there is no setting of a name, and which one was probably meant. */
export function unknownName(name: string, names: readonly string[], kind: string): string {
  const nearest = nearestName(name, names);
  const advice = nearest === undefined ? `it has ${names.join(', ')}` : `did you mean ${nearest}?`;
  return `is not a setting of ${kind}; ${advice}`;
}

/** A value as a message may show it. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > MAX_SHOWN ? `"${value.slice(0, MAX_SHOWN)}..."` : `"${value}"`;
    case 'number':
    case 'boolean':
    case 'bigint':
    case 'undefined':
      return String(value);
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
