import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRecord } from '../telemetry/json-record.ts';
import { SPECIFICATION_FILES } from './load-validator.ts';

/** The container types that each api-version lists; oav takes any text for them. @internal */
export function readContainerTypes(directory: string): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, readonly string[]>();
  for (const file of globSync(SPECIFICATION_FILES, { cwd: directory })) {
    const specification: unknown = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    const definitions = isRecord(specification) ? specification['definitions'] : undefined;
    const type = isRecord(definitions) ? definitions['ContainerType'] : undefined;
    if (isRecord(type) && Array.isArray(type['enum'])) {
      types.set(basename(dirname(file)), type['enum'].map(String));
    }
  }
  return types;
}
