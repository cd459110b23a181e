import { AzuremlError, errorMessage, isAzuremlError } from '@azureml-ts/common';

/**
 * Makes the error for a token that could not be had. Errors of this project, and what an abort signal gave, are passed on.
 *
 * @param error What the credential threw.
 * @param scopes What the token was for.
 */
export function signInFailure(error: unknown, scopes: readonly string[]): unknown {
  const { name } = (error ?? {}) as { name?: unknown };
  if (isAzuremlError(error) || name === 'AbortError' || name === 'TimeoutError') {
    return error;
  }
  return new AzuremlError(
    'AUTHENTICATION_FAILED',
    `Signing in failed, no token for ${scopes.join(' ')} was given: ${firstLines(error)} ` +
      'Sign in again (`az login`), or give a credential of the right tenant.',
    { cause: error },
  );
}

/** The facts of an error of @azure/identity; the rest is links and traces, hundreds of characters of them. */
export function firstLines(error: unknown): string {
  const { errors } = (error ?? {}) as { errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.map((inner) => `\n- ${firstLines(inner)}`).join('');
  }
  const lines = errorMessage(error)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const text = lines
    .slice(0, 3)
    .join(' ')
    .replace(/\s*(To troubleshoot, visit|See the troubleshooting guide)\b.*$/i, '');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
