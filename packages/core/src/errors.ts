import { AzuremlError, type AzuremlErrorOptions, endSentence, type JsonValue, redactSecrets } from '@azureml-ts/common';

/**
 * No workspace configuration file was found. Code `CONFIG_FILE_NOT_FOUND`; the message and `searched` list the folders.
 *
 * Source: `UserErrorException` of Python's `Workspace.from_config`, which does not say where it looked.
 */
export class ConfigFileNotFoundError extends AzuremlError {
  /** Folders that were searched, nearest first; the file itself when `path` named a file. */
  readonly searched: readonly string[];

  /**
   * @param message What was looked for and what to do next.
   * @param searched Folders that were searched, nearest first.
   */
  constructor(message: string, searched: readonly string[]) {
    super('CONFIG_FILE_NOT_FOUND', message, { details: { searched: [...searched] } });
    this.searched = searched;
  }
}

/** A workspace configuration file cannot be used. Code `CONFIG_FILE_INVALID`; the message names the file and each fault. */
export class ConfigFileInvalidError extends AzuremlError {
  /** The file, as an absolute path. */
  readonly file: string;
  /** One sentence for each fault. */
  readonly faults: readonly string[];

  /**
   * @param file The file, as an absolute path.
   * @param faults One sentence for each fault.
   * @param options Cause, and further details.
   */
  constructor(file: string, faults: readonly string[], options: AzuremlErrorOptions = {}) {
    super(
      'CONFIG_FILE_INVALID',
      `The workspace configuration file ${file} cannot be used: ${faults.join('; ')}. ` +
        'It needs "subscription_id", "resource_group" and "workspace_name"; to use another file, give its path.',
      { ...options, details: { ...options.details, file, faults: [...faults] } },
    );
    this.file = file;
    this.faults = faults;
  }
}

/** One thing that keeps a deployment from starting. */
export interface DeploymentFault {
  /** The field, for example `deploymentConfig.port` or `models[0].path`. */
  readonly path: string;
  /** What is wrong with it and what would be right. */
  readonly message: string;
}

/**
 * A deployment or its configuration is wrong. Code `DEPLOYMENT_CONFIGURATION_INVALID`.
 *
 * Every fault is listed at once, in the message, in `faults` and in `details.faults`; nothing was started or changed.
 */
export class DeploymentConfigurationError extends AzuremlError {
  /** Everything that is wrong, in the order of the fields. */
  readonly faults: readonly DeploymentFault[];

  /**
   * @param what What was checked, for example `The deployment of "svc"`.
   * @param faults Everything that is wrong; at least one.
   */
  constructor(what: string, faults: readonly DeploymentFault[]) {
    const safe = faults.map(({ path, message }) => ({ path, message: redactSecrets(message) }));
    const count = safe.length === 1 ? 'one fault' : `${safe.length} faults`;
    super(
      'DEPLOYMENT_CONFIGURATION_INVALID',
      `${what} has ${count}:${safe.map(({ path, message }) => `\n- ${path}: ${message}`).join('')}`,
      { details: { faults: safe.map((fault): JsonValue => ({ ...fault })) } },
    );
    this.faults = safe;
  }
}

/** What {@link DeploymentFailedError} knows of the failure. */
export interface DeploymentFailure {
  /** Stable name of the cause: `PORT_IN_USE`, `INIT_FAILED`, `ENTRY_SCRIPT_NOT_FOUND`, `ENTRY_SCRIPT_INVALID`, `PROCESS_EXITED`, ... */
  readonly reason: string;
  /** What the service said of it. */
  readonly message: string;
  /** Exit code of the process, when it ended by itself. */
  readonly exitCode?: number | undefined;
  /** Signal that ended the process. */
  readonly signal?: string | undefined;
  /** Last lines of the service's log. */
  readonly logs: readonly string[];
  /** The same by container: `inference-server`, `storage-initializer`. */
  readonly logsByContainer?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Id of the operation that failed. */
  readonly operationId?: string | undefined;
  /** Id of the request that told of it. */
  readonly requestId?: string | undefined;
  /** What else the service says, as plain JSON. */
  readonly serviceDetails?: JsonValue | undefined;
  /** What of a deployment was taken back after the failure. */
  readonly rolledBack?: string | undefined;
}

/**
 * A service did not start, or did not take an update. Code `DEPLOYMENT_FAILED`; `reason` names the cause, `logs` holds the last log lines.
 *
 * `details` has the same as plain JSON: `reason`, `exitCode`, `signal`, `logs`, `operationId`, `serviceDetails`,
 * `rolledBack`. `cause` is
 * an error whose code is `reason`.
 */
export class DeploymentFailedError extends AzuremlError {
  /** Stable name of the cause. */
  readonly reason: string;
  /** Last lines of the service's log, without secrets. */
  readonly logs: readonly string[];
  /** The same by container: `inference-server`, `storage-initializer`. Empty for a local service. */
  readonly logsByContainer: Readonly<Record<string, readonly string[]>>;
  /** Id of the operation that failed, to quote to support. */
  readonly operationId: string | undefined;

  /**
   * @param what What failed, for example `Service "svc" could not start`.
   * @param failure What is known of it.
   * @param hint What to do next; empty when the failure's message says so.
   */
  constructor(what: string, failure: DeploymentFailure, hint: string) {
    const logs = failure.logs.map(redactSecrets);
    super('DEPLOYMENT_FAILED', `${what} (${failure.reason}): ${endSentence(failure.message)} ${hint}`.trimEnd(), {
      cause: new AzuremlError(failure.reason, failure.message),
      requestId: failure.requestId,
      details: {
        reason: failure.reason,
        exitCode: failure.exitCode ?? null,
        signal: failure.signal ?? null,
        logs,
        ...(failure.operationId === undefined ? {} : { operationId: failure.operationId }),
        ...(failure.serviceDetails === undefined ? {} : { serviceDetails: failure.serviceDetails }),
        ...(failure.rolledBack === undefined ? {} : { rolledBack: failure.rolledBack }),
      },
    });
    this.reason = failure.reason;
    this.logs = logs;
    this.operationId = failure.operationId;
    this.logsByContainer = Object.fromEntries(
      Object.entries(failure.logsByContainer ?? {}).map(([container, lines]) => [container, lines.map(redactSecrets)]),
    );
  }
}

/**
 * A call to a service failed.
 *
 * Codes: `SCORING_FAILED` (the service answered with another status than 2xx; see `statusCode`, `requestId`, and behind a
 * 424 `details.modelStatusCode`), `AUTHENTICATION_FAILED` (401: the key or token was refused, also one fetched anew),
 * `PERMISSION_DENIED` (403), `WEBSERVICE_UNREACHABLE` (no whole answer; `details.logs` has the last log lines when the process has ended, `details.cutBy`
 * names the call that stopped it when the request was cut off),
 * `WEBSERVICE_DELETED`, `WEBSERVICE_EXISTS`.
 *
 * Source: `WebserviceException` of azureml-core.
 */
export class WebserviceError extends AzuremlError {}

/**
 * There is no service of that name. Code `WEBSERVICE_NOT_FOUND`.
 *
 * Source: `WebserviceException` with the text `WebserviceNotFound` of azureml-core.
 */
export class WebserviceNotFoundError extends WebserviceError {
  /**
   * @param message Which service, where it was looked for, and what to do next.
   * @param options Cause, and facts of the HTTP answer.
   */
  constructor(message: string, options: AzuremlErrorOptions = {}) {
    super('WEBSERVICE_NOT_FOUND', message, options);
  }
}
