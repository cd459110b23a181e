import type { JsonValue } from '@azureml-ts/common';

/** Files that a deployment would upload. Those that are there already are left out when it does. */
export interface PlannedUpload {
  /** What they are: `model net:1`, `environment azureml-ts-loans-default:0123456789abcdef`. */
  readonly what: string;
  /** Address of the folder that they go to; for a classic service the id that the request for the service has. */
  readonly url: string;
  /** Each file, with its path below the folder and its size in bytes. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  /** Bytes of all, as they are sent: the folder of a classic service's script goes as one packed file. */
  readonly bytes: number;
}

/** A request that a deployment would send. */
export interface PlannedRequest {
  /** What it does. */
  readonly what: string;
  /** `PUT` writes a whole resource; the classic service is asked with `POST`. */
  readonly method: 'PUT' | 'POST';
  /** Absolute, with its query. */
  readonly url: string;
  /** As it would be sent; keys, connection strings and the values of variables that may be secrets are masked. */
  readonly body: JsonValue;
}
