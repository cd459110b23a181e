import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { textAt } from '../azure/json-object.ts';
import { limited } from '../azure/limited.ts';
import { waitForOperation } from '../azure/long-operation.ts';
import { managementOperation } from '../azure/management-operation.ts';
import type { ProgressOptions } from '../webservice/progress.ts';
import type { ScoringSecret } from '../webservice/scorer.ts';
import type { ServiceKeys, ServiceToken } from '../webservice/service-keys.ts';
import type { KeyName, RegenerateKeyOptions } from '../webservice/webservice.ts';
import { withHint } from './delete-endpoint.ts';
import { checkKey, type EndpointAuthMode, entraToken, readKeys, readToken, wrongAuthMode } from './endpoint-keys.ts';
import type { EndpointRecord } from './endpoint-record.ts';

/** Options of `OnlineEndpoint.rotateKeys`. */
export interface RotateKeysOptions extends WaitOptions, ProgressOptions {
  /**
   * Hands a new key to whoever calls the service, and resolves when they use it: first the secondary key, then the
   * primary one. When it throws, nothing further is changed, and the error is passed on.
   */
  readonly onKey: (key: string, which: KeyName) => void | Promise<void>;
}

type SignalledOptions = WaitOptions & ProgressOptions & { readonly abortSignal: AbortSignal };

/** Keys and tokens of one endpoint. */
export class EndpointSecrets {
  readonly #record: EndpointRecord;
  readonly #onChange: () => void;
  /** The key that scores: the one that is not being made anew. */
  #scoringKey: KeyName = 'primary';

  /**
   * @param record The endpoint.
   * @param onChange Called when requests must take another key.
   */
  constructor(record: EndpointRecord, onChange: () => void) {
    this.#record = record;
    this.#onChange = onChange;
  }

  /** How the endpoint lets requests in. */
  get authMode(): EndpointAuthMode | undefined {
    return textAt(this.#record.endpoint, 'properties', 'authMode');
  }

  /** The secret for scoring. */
  async forScoring(abortSignal: AbortSignal): Promise<ScoringSecret> {
    if (this.authMode === 'Key') {
      // Chosen after the answer: meanwhile the other one may have become the one to use.
      const keys = await this.keys('run', { abortSignal });
      return { value: this.#scoringKey === 'primary' ? keys.primaryKey : keys.secondaryKey };
    }
    const { accessToken, refreshAfter } = await this.token({ abortSignal });
    return { value: accessToken, refreshAfter: refreshAfter.getTime() };
  }

  /** The keys. */
  async keys(method: string, options: WaitOptions): Promise<ServiceKeys> {
    const { workspace, name } = this.#record;
    this.#demandKeys(method);
    return readKeys(workspace, name, options);
  }

  /** A token: of the workspace (`AMLToken`), or of the caller's credential (`AADToken`). */
  async token(options: WaitOptions): Promise<ServiceToken> {
    const { workspace, name } = this.#record;
    switch (this.authMode) {
      case 'AMLToken':
        return readToken(workspace, name, options);
      case 'AADToken':
        return limited(`Asking for a token for online endpoint "${name}"`, options, (abortSignal) =>
          entraToken(workspace, name, abortSignal),
        );
      default:
        throw wrongAuthMode(name, 'getToken', this.authMode);
    }
  }

  /** Makes a key anew, or sets it. */
  async regenerate(key: KeyName, options: RegenerateKeyOptions): Promise<void> {
    const { keyValue, ...wait } = options;
    checkKey(key, keyValue);
    this.#demandKeys('regenerateKey');
    await limited(this.#what(key), wait, (abortSignal) => this.#regenerate(key, keyValue, { ...wait, abortSignal }));
  }

  /** Makes both keys anew, so that one of those handed out is valid at any time. */
  async rotate(options: RotateKeysOptions): Promise<ServiceKeys> {
    const { onKey, ...wait } = options;
    if (typeof onKey !== 'function') {
      throw new ValidationError({ path: 'onKey', expected: 'a function that hands out a new key', received: onKey });
    }
    this.#demandKeys('rotateKeys');
    const { name } = this.#record;
    return limited(`The rotation of the keys of online endpoint "${name}"`, wait, async (abortSignal) => {
      const inner = { ...wait, abortSignal };
      const before = await this.keys('rotateKeys', { abortSignal });
      await this.#regenerate('secondary', undefined, inner);
      const { secondaryKey } = await this.keys('rotateKeys', { abortSignal });
      if (secondaryKey === before.secondaryKey) {
        throw new AzuremlError(
          'KEY_UNCHANGED',
          `The secondary key of online endpoint "${name}" is the same as before, so the primary key was left alone. ` +
            'Read the keys again in a minute; when nothing has changed by then, rotate again.',
          { retryable: true },
        );
      }
      await onKey(secondaryKey, 'secondary');
      abortSignal.throwIfAborted();
      await this.#regenerate('primary', undefined, inner);
      const keys = await this.keys('rotateKeys', { abortSignal });
      await onKey(keys.primaryKey, 'primary');
      return keys;
    });
  }

  async #regenerate(key: KeyName, keyValue: string | undefined, options: SignalledOptions): Promise<void> {
    const { api, workspace } = this.#record;
    const { abortSignal } = options;
    // Calls of run() go on with the other key meanwhile: they never meet one that has just ended.
    this.#scoringKey = key === 'primary' ? 'secondary' : 'primary';
    this.#onChange();
    try {
      const keyType = key === 'primary' ? 'Primary' : 'Secondary';
      const answer = await api.regenerateKey(keyType, keyValue, { abortSignal });
      const operation = managementOperation(
        workspace.azure,
        answer,
        this.#what(key),
        keyValue === undefined ? undefined : [keyValue],
      );
      if (operation !== undefined) {
        const hinted = withHint(operation, 'Read the keys with getKeys() to see which are valid, then try again.');
        await waitForOperation(hinted, { ...this.#record.subject(this.#what(key), []), logs: undefined }, options);
      }
    } finally {
      // Both are valid again. The cached one stays: it is the one that was not touched.
      this.#scoringKey = 'primary';
    }
  }

  #demandKeys(method: string): void {
    if (this.authMode !== 'Key') {
      throw wrongAuthMode(this.#record.name, method, this.authMode);
    }
  }

  #what(key: KeyName): string {
    return `Making the ${key} key of ${this.#record.api.subject} anew`;
  }
}
