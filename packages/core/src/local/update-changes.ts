import { type JsonValue, REDACTED } from '@azureml-ts/common';
import type { FieldChange } from '../webservice/update-report.ts';
import { type ResolvedSettings, SETTING_NAMES } from './settings.ts';

/**
 * Tells which settings differ, and the environment variables one by one. Every value that may be a secret is masked.
 *
 * @param from Settings of before.
 * @param to Settings of after.
 */
export function settingChanges(from: ResolvedSettings, to: ResolvedSettings): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const name of SETTING_NAMES) {
    if (name === 'environmentVariables') {
      const names = new Set([...Object.keys(from[name]), ...Object.keys(to[name])]);
      for (const variable of names) {
        add(`/environmentVariables/${pointer(variable)}`, from[name][variable], to[name][variable], REDACTED);
      }
    } else if (typeof from[name] === 'boolean') {
      add(`/${name}`, from[name], to[name]);
    } else {
      add(`/${name}`, from[name], to[name], REDACTED);
    }
  }
  return changes;

  function add(path: string, before: JsonValue | undefined, after: JsonValue | undefined, mask?: string): void {
    if (before !== after) {
      const shown = (value: JsonValue | undefined) => (value === undefined ? undefined : (mask ?? value));
      changes.push({ path, from: shown(before), to: shown(after) });
    }
  }
}

/** A name as a part of a JSON pointer. */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
