import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { AzuremlError, type AzuremlErrorOptions } from '@azureml-ts/common';
import { firstLines } from './sign-in-failure.ts';

/** One way of signing in. */
export interface CredentialSource {
  /** What it is called in errors, for example `Azure CLI`. */
  readonly name: string;
  /** Makes the credential. */
  readonly create: () => TokenCredential;
}

/** A way of signing in that the environment does not offer. */
export interface SkippedSource {
  readonly name: string;
  /** Why, for example `AZURE_CLIENT_SECRET is not set`. */
  readonly skipped: string;
}

/**
 * Tries ways of signing in, one after the other, and keeps to the one that gave a token. A way that is not there is passed
 * over; one that is there and refused ends the search, so that nobody signs in as somebody else by accident.
 */
export class CredentialChain implements TokenCredential {
  readonly #sources: readonly (CredentialSource | SkippedSource)[];
  readonly #hint: string;
  #found: TokenCredential | undefined;

  /**
   * @param sources The ways, in order.
   * @param hint What to do when none gives a token.
   */
  constructor(sources: readonly (CredentialSource | SkippedSource)[], hint: string) {
    this.#sources = sources;
    this.#hint = hint;
  }

  /**
   * Gives a token.
   *
   * @throws `AUTHENTICATION_FAILED`, listing what was tried.
   */
  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const found = this.#found;
    if (found !== undefined) {
      try {
        const token = await found.getToken(scopes, options);
        if (token !== null) {
          return token;
        }
      } catch (error) {
        if (!isUnavailable(error)) {
          throw error;
        }
      }
      this.#found = undefined;
    }
    const tried: Attempt[] = [];
    for (const source of this.#sources) {
      if ('skipped' in source) {
        tried.push({ name: source.name, reason: `skipped, ${source.skipped}` });
        continue;
      }
      try {
        const credential = source.create();
        const token = await credential.getToken(scopes, options);
        if (token !== null) {
          this.#found = credential;
          return token;
        }
        tried.push({ name: source.name, reason: 'gave no token.' });
      } catch (error) {
        if (isAborted(error)) {
          throw error;
        }
        tried.push({ name: source.name, reason: firstLines(error) });
        if (!isUnavailable(error)) {
          throw chainFailure(
            scopes,
            tried,
            `${source.name} is there and was refused: correct it, or take it away.`,
            error,
          );
        }
      }
    }
    throw chainFailure(scopes, tried, this.#hint);
  }
}

interface Attempt {
  readonly name: string;
  readonly reason: string;
}

function chainFailure(
  scopes: string | string[],
  tried: readonly Attempt[],
  hint: string,
  cause?: AzuremlErrorOptions['cause'],
): AzuremlError {
  const lines = tried.map(({ name, reason }) => `\n- ${name}: ${reason}`).join('');
  return new AzuremlError(
    'AUTHENTICATION_FAILED',
    `Signing in failed, no token for ${[scopes].flat().join(' ')} was given. Tried:${lines}\n${hint}`,
    { cause, details: { tried: tried.map((attempt) => ({ ...attempt })) } },
  );
}

/** A secret that was refused gives `AuthenticationRequiredError`, which @azure/identity's own chain takes for "not there". */
function isUnavailable(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'CredentialUnavailableError';
}

function isAborted(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'AbortError';
}
