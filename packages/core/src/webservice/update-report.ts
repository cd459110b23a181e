import type { AzuremlError, JsonValue } from '@azureml-ts/common';

/** One field that an update changes. */
export interface FieldChange {
  /** JSON pointer into the service's resource, for example `/properties/appInsightsEnabled`. */
  readonly path: string;
  /** Value of before; `undefined` when there was none. What may be a secret is masked. */
  readonly from: JsonValue | undefined;
  /** Value of after; `undefined` when it is removed. What may be a secret is masked. */
  readonly to: JsonValue | undefined;
}

/** What an update does, or would do, to a service or to one of its deployments. */
export interface UpdatePart {
  /** The deployment; `undefined` when it is the service itself. */
  readonly deploymentName: string | undefined;
  /**
   * The fields that change; none when everything is as asked already. A classic service is sent what was asked all the
   * same, because somebody may have changed it since it was read; its `outcome` is then `accepted` or `completed`.
   */
  readonly changes: readonly FieldChange[];
  /** Whether instances are replaced by new ones, one after the other, so that the change takes minutes. */
  readonly isRolling: boolean;
  /**
   * `planned` (a dry run), `unchanged` (nothing was sent), `accepted` (the service took it and works on it), `completed`,
   * `failed`.
   */
  readonly outcome: 'planned' | 'unchanged' | 'accepted' | 'completed' | 'failed';
  /** Why it failed. */
  readonly error?: AzuremlError | undefined;
}

/** What `update()` did, or would do. */
export interface UpdateReport {
  /** Name of the service. */
  readonly name: string;
  /** Class of the service. */
  readonly kind: string;
  /** Whether it was a dry run: nothing was sent then. */
  readonly isDryRun: boolean;
  /** One entry for the service, or for each of its deployments. */
  readonly parts: readonly UpdatePart[];
}
