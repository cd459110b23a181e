import { type AzuremlError, isAzuremlError, statusOf } from '@azureml-ts/common';

/** Exit codes of every command but `serve`, which has those of the inference server. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** The checked condition failed: a deployment failed, drift was found, a verification failed. */
  checkFailed: 1,
  /** Wrong arguments or settings. */
  usage: 2,
  /** Not signed in, or not allowed. */
  access: 3,
  /** There is nothing of that name. */
  notFound: 4,
  /** The service or the network failed, or anything else. */
  service: 5,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  VALIDATION: EXIT.usage,
  AMBIGUOUS_NAME: EXIT.usage,
  CONFIG_FILE_INVALID: EXIT.usage,
  CONNECTION_STRING_INVALID: EXIT.usage,
  CONNECTION_STRING_MISSING: EXIT.usage,
  DEPLOYMENT_CONFIGURATION_INVALID: EXIT.usage,
  DEPLOYMENT_FILE_INVALID: EXIT.usage,
  MANIFEST_UNKNOWN: EXIT.usage,
  PARQUET_NOT_INSTALLED: EXIT.usage,
  STORAGE_NOT_CONFIGURED: EXIT.usage,
  UNSUPPORTED_OPERATION: EXIT.usage,
  UNSUPPORTED_SETTING: EXIT.usage,
  CONVERSION_TARGET_EXISTS: EXIT.usage,
  EXPORT_DIFFERS: EXIT.usage,
  FILE_EXISTS: EXIT.usage,
  TRAINING_SET_COLUMN: EXIT.usage,
  AUTHENTICATION_FAILED: EXIT.access,
  PERMISSION_DENIED: EXIT.access,
  WEBSERVICE_DELETED: EXIT.notFound,
  CONVERSION_DIFFERS: EXIT.checkFailed,
  DEPLOYMENT_FAILED: EXIT.checkFailed,
  NOT_CONFIRMED: EXIT.checkFailed,
  UPDATE_INCOMPLETE: EXIT.checkFailed,
  LABEL_DUPLICATE: EXIT.checkFailed,
  TRAINING_SET_EMPTY: EXIT.checkFailed,
};

/** Codes that say that the content of a file is wrong. */
const BAD_CONTENT = /^(?:CSV|JSON)_BAD_/;
const faultsOfArguments = new WeakSet<AzuremlError>();

/**
 * Says of an error that it is about a file that was given as an argument, when it is about the content of that file.
 *
 * The same code for a stored file of rows is no wrong argument, so the code alone does not tell.
 */
export function noteFaultOf(file: string, error: unknown): void {
  if (isAzuremlError(error) && BAD_CONTENT.test(error.code) && error.details?.['path'] === file) {
    faultsOfArguments.add(error);
  }
}

/** The exit code for an error: by its code, else by the status of the HTTP answer behind it. */
export function exitCodeOf(error: unknown): number {
  if (isAzuremlError(error)) {
    if (faultsOfArguments.has(error)) {
      return EXIT.usage;
    }
    const byCode = BY_CODE[error.code] ?? (error.code.endsWith('_NOT_FOUND') ? EXIT.notFound : undefined);
    if (byCode !== undefined) {
      return byCode;
    }
  }
  switch (statusOf(error)) {
    case 401:
    case 403:
      return EXIT.access;
    case 404:
      return EXIT.notFound;
    default:
      return EXIT.service;
  }
}
