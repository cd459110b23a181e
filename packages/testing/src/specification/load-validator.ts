import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AzuremlError, errorMessage } from '@azureml-ts/common';

/** Where the files of the specifications are, below their root. @internal */
export const SPECIFICATION_FILES = 'specification/*/resource-manager/**/{stable,preview}/*/*.json';

/** What oav says about one side of an exchange. @internal */
export interface OavResult {
  readonly isSuccessful?: boolean | undefined;
  readonly runtimeException?: { readonly code: string; readonly message: string } | undefined;
  readonly errors: readonly {
    readonly code: string;
    readonly message: string;
    readonly pathsInPayload?: readonly string[];
  }[];
}

/** The part of oav that is used here. @internal */
export interface LiveValidator {
  initialize(): Promise<void>;
  validateLiveRequestResponse(pair: {
    liveRequest: { method: string; url: string; headers: Record<string, string>; body?: unknown };
    liveResponse: { statusCode: string; headers: Record<string, string>; body?: unknown };
  }): Promise<{
    requestValidationResult: OavResult;
    responseValidationResult: OavResult;
    runtimeException?: { readonly code: string; readonly message: string };
  }>;
}

type LiveValidatorClass = new (options: object, log: () => void) => LiveValidator;

/**
 * Loads oav and the specifications.
 *
 * @throws {@link AzuremlError} `SPECIFICATION_NOT_FOUND` when the folder holds none; `OAV_NOT_FOUND` when the package
 *   is not installed.
 * @internal
 */
export async function loadLiveValidator(directory: string): Promise<LiveValidator> {
  if (!existsSync(resolve(directory, 'specification'))) {
    throw new AzuremlError(
      'SPECIFICATION_NOT_FOUND',
      `${resolve(directory)} has no folder named specification. ` +
        'Give the root of a checkout of Azure/azure-rest-api-specs, or of a part of it.',
      { details: { directory } },
    );
  }
  const Validator = await importOav();
  const validator = new Validator(
    {
      directory: resolve(directory),
      swaggerPathsPattern: [SPECIFICATION_FILES],
      git: { shouldClone: false },
      loadValidatorInBackground: false,
      loadValidatorInInitialize: true,
    },
    // Without a function of its own it writes to the console.
    () => {},
  );
  await validator.initialize();
  return validator;
}

async function importOav(): Promise<LiveValidatorClass> {
  try {
    const { LiveValidator } = await import('oav');
    return LiveValidator as unknown as LiveValidatorClass;
  } catch (error) {
    throw new AzuremlError(
      'OAV_NOT_FOUND',
      `Exchanges are checked with the package oav, which could not be loaded: ${errorMessage(error)}. ` +
        'Add it: npm install --save-dev oav',
      { cause: error },
    );
  }
}
