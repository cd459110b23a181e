import { ValidationError } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';

/** Compute types that the classic service lists by. */
export const COMPUTE_TYPES: readonly string[] = ['ACI', 'AKSENDPOINT', 'AKS', 'IOT', 'MIR'];

/** The classes of classic services. */
export type ClassicKind = 'AksWebservice' | 'AciWebservice' | 'AksEndpoint' | 'UnknownWebservice';

const KINDS: Readonly<Record<string, ClassicKind>> = {
  AKS: 'AksWebservice',
  ACI: 'AciWebservice',
  AKSENDPOINT: 'AksEndpoint',
};

/** Name of the class for a compute type, in any case. */
export function kindOf(computeType: string | undefined): ClassicKind {
  return KINDS[String(computeType).toUpperCase()] ?? 'UnknownWebservice';
}

/** The compute type that a class is for; `undefined` for `UnknownWebservice`, which is for all others. */
export function computeTypeOf(kind: string): string | undefined {
  return Object.keys(KINDS).find((computeType) => KINDS[computeType] === kind);
}

/**
 * Checks a compute type to list by.
 *
 * @throws {@link ValidationError} `VALIDATION`.
 */
export function checkComputeType(computeType: unknown): void {
  if (typeof computeType !== 'string' || !COMPUTE_TYPES.includes(computeType.toUpperCase())) {
    throw new ValidationError({
      path: 'computeType',
      expected: `one of ${COMPUTE_TYPES.join(', ')}`,
      received: computeType,
    });
  }
}

/** The error of a service that is of another kind than was asked for. Code `WEBSERVICE_OF_OTHER_KIND`. */
export function otherKind(name: string, asked: ClassicKind, computeType: string | undefined): WebserviceError {
  const kind = kindOf(computeType);
  return new WebserviceError(
    'WEBSERVICE_OF_OTHER_KIND',
    `The service "${name}" is of the kind ${kind} (compute type ${computeType ?? 'not said'}), not ${asked}. ` +
      `Use ${kind === 'UnknownWebservice' ? 'Webservice' : kind}.get() for it.`,
    { details: { name, kind, asked, computeType: computeType ?? null } },
  );
}
