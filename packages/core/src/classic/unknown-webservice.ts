import type { JsonValue } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { flagOf, numberOf, textOf } from './attributes.ts';
import { ClassicWebservice } from './classic-webservice.ts';
import { deserialized } from './of-kind.ts';

/**
 * A classic web service on compute that has no class of its own. It can be read and deleted.
 *
 * Source: `azureml.core.webservice.webservice.UnknownWebservice`.
 */
export class UnknownWebservice extends ClassicWebservice {
  /** Name of the class. */
  override readonly kind = 'UnknownWebservice';

  /** @internal Use `Webservice.get` or `Webservice.list`. */
  constructor(workspace: Workspace, resource: JsonObject) {
    super(workspace, resource);
  }

  /** Makes the object of a service from what `serialize()` gave, here or in Python; sends no request. */
  static deserialize(workspace: Workspace, payload: object): UnknownWebservice {
    return new UnknownWebservice(workspace, deserialized(payload, 'UnknownWebservice'));
  }

  /** Where the service listens: `address:port`. */
  override get scoringUri(): string | undefined {
    const { ipAddress, port } = this;
    return ipAddress === undefined ? super.scoringUri : port === undefined ? ipAddress : `${ipAddress}:${port}`;
  }

  /** Unknown for this kind. */
  override get swaggerUri(): string | undefined {
    return undefined;
  }

  /** Its address. */
  get ipAddress(): string | undefined {
    return textOf(this.raw, 'ipAddress');
  }

  /** Its port. */
  get port(): number | undefined {
    return numberOf(this.raw, 'port');
  }

  /** Number of replicas. */
  get numReplicas(): number | undefined {
    return numberOf(this.raw, 'numReplicas');
  }

  /** Whether it is served over TLS. */
  get sslEnabled(): boolean | undefined {
    return flagOf(this.raw, 'sslEnabled');
  }

  /** Not there for this kind. @throws `UNSUPPORTED_OPERATION` */
  override update(_settings: Readonly<Record<string, JsonValue>>): Promise<UpdateReport> {
    return this.unsupported('update');
  }

  /** Not there for this kind. @throws `UNSUPPORTED_OPERATION` */
  override run<T = unknown>(_input: unknown): Promise<T> {
    return this.unsupported('run');
  }

  /** Not there for this kind. @throws `UNSUPPORTED_OPERATION` */
  override addTags(_tags: Readonly<Record<string, string>>): Promise<UpdateReport> {
    return this.unsupported('addTags');
  }

  /** Not there for this kind. @throws `UNSUPPORTED_OPERATION` */
  override removeTags(_tags: string | readonly string[]): Promise<UpdateReport> {
    return this.unsupported('removeTags');
  }

  /** Not there for this kind. @throws `UNSUPPORTED_OPERATION` */
  override addProperties(_properties: Readonly<Record<string, string>>): Promise<UpdateReport> {
    return this.unsupported('addProperties');
  }
}
