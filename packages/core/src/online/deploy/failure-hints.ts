import { AzuremlError, isAzuremlError } from '@azureml-ts/common';
import type { ServiceFault } from '../../azure/service-fault.ts';

/** A cause of failed deployments, and what to do about it. */
interface FailureHint {
  /** Codes of the service, without their case. */
  readonly codes: readonly string[];
  /** What the service says when its code tells nothing. */
  readonly says?: RegExp | undefined;
  readonly hint: string;
}

/**
 * Source: the codes in "Troubleshoot online endpoints deployment and scoring" of Azure's documentation. Some come as the
 * code, some only inside the message or the details of a general one, so both are looked at.
 */
const HINTS: readonly FailureHint[] = [
  {
    codes: ['EndpointAlreadyExists', 'EndpointNameConflict', 'NameUnavailable'],
    says: /\bname\b.*\b(already (taken|in use|exists)|not available|unavailable)/is,
    hint: 'The name of an endpoint is taken once for the whole region: choose another name.',
  },
  {
    codes: ['OutOfQuota', 'QuotaExceeded', 'NotEnoughQuota', 'OperationNotAllowed'],
    says: /\b(exceed\w* .*quota|not enough quota|out of quota)\b/is,
    hint:
      'Free quota (delete deployments that get no traffic), take a smaller instanceType or instanceCount, or ask for more under ' +
      '"Usage + quotas". A deployment needs 20 % more instances than it runs while it is updated.',
  },
  {
    codes: ['OutOfCapacity', 'SkuNotAvailable', 'AllocationFailed'],
    hint: 'The region has no machines of this instanceType now: try again later, or take another instanceType or region.',
  },
  {
    codes: ['ImageBuildFailure', 'ImageBuildFailed', 'EnvironmentBuildFailed'],
    says: /\bimage build\b.*\bfail/is,
    hint:
      'Read the build log in the studio (Environments, the version named above, Build log): most often npm ci failed, because ' +
      'package-lock.json does not fit package.json or a registry needs a sign-in.',
  },
  {
    codes: [
      'ImagePullFailure',
      'ImagePullLoopBackOff',
      'ImagePullBackOff',
      'ErrImagePull',
      'ACRAuthenticationChallengeFailed',
      'ACRTokenExchangeFailed',
      'ACRSecretError',
    ],
    says: /\b(pull(ing)? (the )?image|image pull|ErrImagePull)\b/i,
    hint: 'Give the identity of the endpoint the role "AcrPull" on the container registry, and check the address of the image.',
  },
  {
    codes: [
      'ResourceNotReady',
      'UserScriptInitFailed',
      'UserScriptImportError',
      'DeploymentCrashLoopBackOff',
      'KubernetesCrashLoopBackOff',
      'ContainerCrash',
      'CrashLoopBackOff',
    ],
    hint:
      'The container ended or did not become ready: init() of the script failed, a package is missing, or a larger model needs a ' +
      'larger failureThreshold of the probes. The last log lines are in `logs`; LocalWebservice runs the same script here.',
  },
  {
    codes: ['ScoringFeUnhealthy', 'ContainerUnhealthy', 'LivenessProbeFailed', 'ReadinessProbeFailed', 'Unhealthy'],
    says: /\b(liveness|readiness) (probe|route)\b/i,
    hint:
      'The container did not answer its probes (GET /ready at port 5001, unless the environment has other routes): synchronous ' +
      'work holds it up, or the probes are too strict (livenessProbe, readinessProbe).',
  },
  {
    codes: ['PodOutOfMemory', 'OutOfMemory', 'OOMKilled'],
    says: /\b(out of memory|OOMKilled)\b/i,
    hint: 'The model needs more memory: take a larger instanceType, or a larger memoryGb on Kubernetes.',
  },
  {
    codes: ['PodUnschedulable', 'Unschedulable'],
    hint: 'No node of the cluster has room: lower cpuCores or memoryGb, or add nodes.',
  },
  {
    codes: ['ImmutableProperty', 'ImmutablePropertyChanged'],
    hint: 'What cannot be changed needs a deployment of another name: deploy with another deploymentName and shift the traffic.',
  },
  {
    codes: ['AuthorizationFailed', 'AuthorizationFailure', 'AuthorizationPermissionMismatch'],
    says: /\b(does not have authorization|not authorized|storage.*\b403)\b/is,
    hint:
      'Give the identity of the endpoint the roles "Storage Blob Data Reader" on the storage account of the workspace and ' +
      '"AcrPull" on its registry; a new role takes some minutes.',
  },
];

/** What to do about a failure of the service; `undefined` when nothing is known of it. */
export function failureHint(fault: ServiceFault | undefined): string | undefined {
  if (fault === undefined) {
    return undefined;
  }
  const codes = [...codesIn({ code: fault.code, details: fault.details })];
  const text = fault.message ?? '';
  // A code says more than a message, and an inner code more than an outer one.
  for (const code of codes.reverse()) {
    const known = HINTS.find((entry) => entry.codes.some((one) => one.toLowerCase() === code.toLowerCase()));
    if (known !== undefined) {
      return known.hint;
    }
  }
  return HINTS.find(({ codes: known, says }) => known.some((code) => wordIn(code, text)) || says?.test(text) === true)
    ?.hint;
}

/** A refused request with what to do about it. */
export function withFailureHint(error: unknown): unknown {
  if (
    !isAzuremlError(error) ||
    error.statusCode === undefined ||
    error.statusCode === 401 ||
    error.statusCode === 404
  ) {
    return error;
  }
  const { code, message, details } = error.details as { code?: unknown; message?: unknown; details?: never };
  const hint = failureHint({
    code: typeof code === 'string' ? code : undefined,
    message: typeof message === 'string' ? message : undefined,
    details,
  });
  // The caller's own rights are told of already.
  if (hint === undefined || error.code === 'PERMISSION_DENIED') {
    return error;
  }
  const { statusCode, requestId, retryable } = error;
  return new AzuremlError(error.code, `${error.message} ${hint}`, {
    cause: error,
    statusCode,
    requestId,
    retryable,
    details: error.details,
  });
}

function wordIn(code: string, text: string): boolean {
  return new RegExp(`\\b${code}\\b`, 'i').test(text);
}

/** Codes of a fault and of what is inside it, outer ones first. */
function* codesIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const item of value) {
      yield* codesIn(item);
    }
  } else if (typeof value === 'object' && value !== null) {
    const { code, ...rest } = value as Record<string, unknown>;
    if (typeof code === 'string') {
      yield code;
    }
    for (const inner of Object.values(rest)) {
      yield* codesIn(inner);
    }
  }
}
