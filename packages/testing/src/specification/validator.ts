import type { AzureExchange } from '../azure/stand-in-types.ts';
import { readContainerTypes } from './container-types.ts';
import { type LiveValidator, loadLiveValidator, type OavResult } from './load-validator.ts';
import { missedIssues } from './missed-checks.ts';

/** Something in an exchange that is not as the specification says. */
export interface SpecificationIssue {
  /** The part that is wrong; `operation` when no specification knows the operation or its api-version. */
  readonly where: 'operation' | 'request' | 'response';
  /** Code of the rule, for example `READONLY_PROPERTY_NOT_ALLOWED_IN_REQUEST`. */
  readonly code: string;
  /** The rule in words. */
  readonly message: string;
  /** JSON pointer into the body, where the rule is about a field. */
  readonly path: string | undefined;
}

/** Options of {@link createSpecificationValidator}. */
export interface SpecificationValidatorOptions {
  /** Folder that has the folder `specification` of Azure/azure-rest-api-specs, whole or in part. */
  readonly directory: string;
}

/** Checks exchanges against the official specifications; see {@link createSpecificationValidator}. */
export interface SpecificationValidator {
  /**
   * Checks a request and its answer.
   *
   * @param exchange An exchange of the plane `management` of `AzureStandIn.exchanges()`, or one of the same shape.
   * @returns What is wrong; empty when both are as specified. An operation or an api-version that no file describes
   *   is an issue too.
   * @throws {@link AzuremlError} `SPECIFICATION_NOT_FOUND` when the folder holds no specifications; `OAV_NOT_FOUND`
   *   when the package `oav` is not installed.
   */
  validate(
    exchange: Pick<AzureExchange, 'method' | 'url' | 'headers' | 'body' | 'answer'>,
  ): Promise<readonly SpecificationIssue[]>;
}

/**
 * Makes a validator for requests to Azure's management plane, and for their answers.
 *
 * It stands on the package `oav`, which is loaded with the specifications at the first call (about a second, 125 MB of
 * memory), and adds what that lets pass: a 201 to a PUT without `Azure-AsyncOperation`, a 202 without a link, container
 * types that are not listed. It needs no network.
 *
 * @param options Where the specifications are.
 * @returns The validator.
 * @example
 * ```ts no-run
 * import { createSpecificationValidator, startAzureStandIn } from '@azureml-ts/testing';
 *
 * const azure = await startAzureStandIn();
 * // ... what is under test ...
 * const validator = createSpecificationValidator({ directory: 'azure-rest-api-specs' });
 * for (const exchange of azure.exchanges().filter(({ plane }) => plane === 'management')) {
 *   console.log(await validator.validate(exchange)); // []
 * }
 * await azure.close();
 * ```
 *
 * Source: the OpenAPI files below `specification/machinelearningservices/resource-manager`.
 */
export function createSpecificationValidator(options: SpecificationValidatorOptions): SpecificationValidator {
  const { directory } = options;
  let loaded: Promise<LiveValidator> | undefined;
  let containerTypes: ReadonlyMap<string, readonly string[]> | undefined;
  return {
    validate: async (exchange) => {
      loaded ??= loadLiveValidator(directory);
      const validator = await loaded;
      containerTypes ??= readContainerTypes(directory);
      const { method, url, headers, body, answer } = exchange;
      // It writes into what it checks.
      const { liveRequest, liveResponse } = structuredClone({
        liveRequest: { method, url, headers: { ...headers }, body },
        liveResponse: { statusCode: String(answer.status), headers: { ...answer.headers }, body: answer.body },
      });
      const result = await validator.validateLiveRequestResponse({ liveRequest, liveResponse });
      const fault = result.runtimeException ?? result.requestValidationResult.runtimeException;
      if (fault !== undefined) {
        return [{ where: 'operation', code: fault.code, message: fault.message, path: undefined }];
      }
      const version = new URL(url).searchParams.get('api-version') ?? '';
      return [
        ...issuesOf('request', result.requestValidationResult),
        ...issuesOf('response', result.responseValidationResult),
        ...missedIssues(exchange, containerTypes.get(version) ?? []),
      ];
    },
  };
}

function issuesOf(where: 'request' | 'response', { runtimeException, errors }: OavResult): SpecificationIssue[] {
  const failed =
    runtimeException === undefined
      ? []
      : [{ where, code: runtimeException.code, message: runtimeException.message, path: undefined }];
  return [
    ...failed,
    ...errors.map(({ code, message, pathsInPayload }) => ({ where, code, message, path: pathsInPayload?.[0] })),
  ];
}
