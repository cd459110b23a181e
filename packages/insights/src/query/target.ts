import { ValidationError } from '@azureml-ts/common';

/** Which names tables and columns have: those of a component (`traces`) or those of a workspace (`AppTraces`). */
export type LogsSchema = 'component' | 'workspace';

/** What is queried. @internal */
export interface LogsTarget {
  readonly kind: 'workspace' | 'resource';
  readonly id: string;
  readonly schema: LogsSchema;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const RESOURCE = /^\/subscriptions\/[^/?#\s]+\/resourceGroups\/[^/?#]+\/providers\/[^?#]+$/i;
const COMPONENT = /\/providers\/microsoft\.insights\/components\/[^/]+$/i;

/**
 * Reads the id of what is queried.
 *
 * @throws {@link ValidationError} `VALIDATION` when it is neither the id of a workspace nor that of a resource.
 * @internal
 */
export function parseTarget(target: string): LogsTarget {
  const id = typeof target === 'string' ? target.trim().replace(/\/+$/, '') : '';
  if (GUID.test(id)) {
    return { kind: 'workspace', id, schema: 'workspace' };
  }
  const path = id.replace(/^\/+/, '/');
  if (RESOURCE.test(path)) {
    return { kind: 'resource', id: path, schema: COMPONENT.test(path) ? 'component' : 'workspace' };
  }
  throw new ValidationError({
    path: 'target',
    expected:
      'the id of a Log Analytics workspace (a GUID), or a resource id (/subscriptions/.../providers/microsoft.insights/components/NAME)',
    received: target,
  });
}

/**
 * The names that a target has.
 *
 * @param target `component`, `workspace`, or the id that is queried.
 * @throws {@link ValidationError} `VALIDATION` when it is none of them.
 * @internal
 */
export function schemaOf(target: string): LogsSchema {
  return target === 'component' || target === 'workspace' ? target : parseTarget(target).schema;
}
