import { ValidationError } from '@azureml-ts/common';

/** The options of `service update` that say what changes. */
export interface ChangeOptions {
  readonly enableAppInsights?: boolean;
  readonly collectModelData?: boolean;
  readonly setEnv?: readonly string[];
  readonly unsetEnv?: readonly string[];
  readonly deployment?: string;
  readonly set?: readonly string[];
}

/**
 * Turns options into what `update()` takes. What is not named is left out, and so left alone.
 *
 * @throws {@link ValidationError} `VALIDATION` when nothing changes, or a setting is given twice or cannot be read.
 */
export function parseChanges(options: ChangeOptions): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  const add = (flag: string, name: string, value: unknown) => {
    if (Object.hasOwn(changes, name)) {
      throw new ValidationError({ path: flag, expected: 'left out: the setting is given twice', received: name });
    }
    Object.defineProperty(changes, name, { value, enumerable: true, configurable: true, writable: true });
  };
  if (options.enableAppInsights !== undefined) {
    add('--enable-app-insights', 'enableAppInsights', options.enableAppInsights);
  }
  if (options.collectModelData !== undefined) {
    add('--collect-model-data', 'collectModelData', options.collectModelData);
  }
  const variables = parseVariables(options);
  if (variables !== undefined) {
    add('--set-env', 'environmentVariables', variables);
  }
  for (const text of options.set ?? []) {
    const [name, json] = pair('--set', text, 'name=json');
    add('--set', name, parseJson(name, json));
  }
  if (Object.keys(changes).length === 0) {
    throw new ValidationError({
      path: 'changes',
      expected: 'given',
      message:
        'Nothing to change: give --enable-app-insights, --collect-model-data (or their --no- forms), --set-env, --unset-env or --set.',
    });
  }
  if (options.deployment !== undefined) {
    add('--deployment', 'deploymentName', options.deployment);
  }
  return changes;
}

function parseVariables({ setEnv = [], unsetEnv = [] }: ChangeOptions): Record<string, string | null> | undefined {
  if (setEnv.length + unsetEnv.length === 0) {
    return undefined;
  }
  const given = [
    ...setEnv.map((text): readonly [string, string | null] => pair('--set-env', text, 'NAME=value')),
    ...unsetEnv.map((name): readonly [string, string | null] => [name, null]),
  ];
  const names = given.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ValidationError({ path: '--set-env', expected: 'each name once', received: twice });
  }
  return Object.fromEntries(given);
}

function pair(flag: string, text: string, form: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  if (at <= 0) {
    // What came is not shown: the value may be a secret.
    throw new ValidationError({ path: flag, expected: `${form}; there is no name before an equals sign` });
  }
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseJson(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ValidationError({
      path: `--set ${name}`,
      expected: 'JSON',
      message: `The value of --set ${name} is no JSON. A text needs its own quotes: --set '${name}="..."'.`,
      cause,
    });
  }
}
