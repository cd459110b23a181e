import { inspect } from 'node:util';
import { REDACTED } from '@azureml-ts/common';
import { DeploymentConfigurationError, type DeploymentFault } from '../../errors.ts';
import { hideWhenShown } from '../../webservice/service-keys.ts';

/** What every deployment configuration of Azure's services has in common. Its fields are those that were given. */
export abstract class DeploymentConfiguration<Options extends object> {
  /** Name of the class of service that it makes. */
  abstract readonly kind: string;
  // Private: may hold keys, which must not show when the configuration is printed.
  readonly #settings: Options;
  readonly #secrets: readonly string[];

  /** @internal */
  protected constructor(init: ConfigurationInit<Options>) {
    const given: unknown = init.options ?? {};
    if (typeof given !== 'object' || Array.isArray(given)) {
      throw new DeploymentConfigurationError(init.what, [
        { path: 'options', message: 'must be an object such as { enableAppInsights: true }' },
      ]);
    }
    const faults = init.check(given as Options);
    if (faults.length > 0) {
      throw new DeploymentConfigurationError(init.what, faults);
    }
    const settings = frozenCopy(given as Options);
    this.#secrets = init.secrets.filter((name) => Object.hasOwn(settings, name));
    this.#settings = hideWhenShown(settings, this.#secrets as readonly (keyof Options)[]);
    for (const [name, value] of Object.entries(settings)) {
      // Can be read, but shows neither in `console.log` nor in JSON nor when spread.
      Object.defineProperty(this, name, { value, enumerable: !init.secrets.includes(name) });
    }
  }

  /** What was given, unchangeable; what may be secret can be read, but is masked when shown. What was left out is not there. */
  get settings(): Options {
    return this.#settings;
  }

  /** The configuration as plain JSON; what may be secret is masked. */
  toJSON(): Record<string, unknown> {
    const shown = Object.entries(this.#settings).map(([name, value]) => [
      name,
      this.#secrets.includes(name) ? REDACTED : value,
    ]);
    return { kind: this.kind, ...Object.fromEntries(shown) };
  }

  /** @internal */
  [inspect.custom](depth: number, options: object): string {
    const { kind, ...settings } = this.toJSON();
    return `${this.constructor.name} ${inspect({ kind, ...settings }, { ...options, depth })}`;
  }
}

/** What a {@link DeploymentConfiguration} is made from. */
export interface ConfigurationInit<Options extends object> {
  /** For the error: `The deployment configuration of an AksWebservice`. */
  readonly what: string;
  readonly options: Options | undefined;
  /** Finds everything that is wrong. */
  readonly check: (options: Options) => readonly DeploymentFault[];
  /** Names of the settings that are masked when shown. */
  readonly secrets: readonly string[];
}

/** A class whose objects also have the fields of the options. */
export type ConfigurationBase<Options extends object> = abstract new (
  init: ConfigurationInit<Options>,
) => DeploymentConfiguration<Options> & Readonly<Options>;

/** The base class, as one whose objects have the fields of some options. */
export function configurationBase<Options extends object>(): ConfigurationBase<Options> {
  return DeploymentConfiguration as unknown as ConfigurationBase<Options>;
}

/** A copy that the caller cannot change any more, without what was left out. */
function frozenCopy<T extends object>(options: T): T {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return deepFreeze(Object.fromEntries(structuredClone(given))) as T;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
