import { AzuremlError, type JsonValue } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { INVALID_HINT } from '../azure/request-failure.ts';
import type { WebserviceState } from '../webservice/state.ts';
import { Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { dateOf, flagOf, objectOf, textOf, textsOf } from './attributes.ts';
import type { ClassicKind } from './compute-type.ts';
import { fieldAt } from './json-patch.ts';
import { withoutSecrets } from './secrets.ts';
import { serializeService } from './serialize.ts';

/**
 * What is known of a classic web service: its attributes, as they were when it was last read. What the service did not say
 * is `undefined`.
 *
 * Source: the attributes of `azureml.core.webservice.Webservice`; the fields of the classic service, v1.0.
 */
export abstract class ClassicAttributes extends Webservice {
  abstract override readonly kind: ClassicKind;
  // Private: a service's private key and environment variables stand in it in clear.
  #resource: JsonObject;
  #state: WebserviceState | undefined;

  /** @internal */
  protected constructor(workspace: Workspace, resource: JsonObject) {
    super(workspace, nameOf(resource));
    this.#resource = resource;
  }

  /** The service as it was read, in clear. @internal */
  protected get raw(): JsonObject {
    return this.#resource;
  }

  /** Takes over what was read. @internal */
  protected adopt(resource: JsonObject): void {
    this.#resource = resource;
    this.#state = undefined;
  }

  /** Sets a state that the service itself does not tell. @internal */
  protected becomes(state: WebserviceState): void {
    this.#state = state;
  }

  /** Everything that the service said, also what has no attribute here; a copy, with secrets masked. */
  get resource(): Readonly<Record<string, unknown>> {
    return withoutSecrets(this.#resource) as JsonObject;
  }

  /** State of the service when it was last read. */
  override get state(): WebserviceState {
    return this.#state ?? textOf(this.#resource, 'state') ?? 'Unknown';
  }

  /** Where to POST scoring requests; `undefined` until it is known. */
  override get scoringUri(): string | undefined {
    return textOf(this.#resource, 'scoringUri');
  }

  /** Kind of compute: `AKS`, `ACI`, `AKSENDPOINT` or another word of the service. */
  get computeType(): string | undefined {
    return textOf(this.#resource, 'computeType');
  }

  /** Name of the attached compute. */
  get computeName(): string | undefined {
    return textOf(this.#resource, 'computeName');
  }

  /** When the service was made. */
  get createdTime(): Date | undefined {
    return dateOf(this.#resource, 'createdTime');
  }

  /** When it was last changed. */
  get updatedTime(): Date | undefined {
    return dateOf(this.#resource, 'updatedTime');
  }

  /** Who made it: an object of ids and names, or a text. */
  get createdBy(): JsonValue | undefined {
    return this.#shown('createdBy');
  }

  /** Tags; a copy. */
  get tags(): Record<string, string> {
    return textsOf(this.#resource, 'kvTags');
  }

  /** Properties; a copy. */
  get properties(): Record<string, string> {
    return textsOf(this.#resource, 'properties');
  }

  /** Description for people. */
  get description(): string | undefined {
    return textOf(this.#resource, 'description');
  }

  /** What is wrong with the service: `{ code, message, details }`. */
  get error(): JsonValue | undefined {
    return this.#shown('error');
  }

  /** Whether callers need a key. */
  get authEnabled(): boolean | undefined {
    return flagOf(this.#resource, 'authEnabled');
  }

  /** Whether callers need a token; `false` for kinds without tokens. */
  get tokenAuthEnabled(): boolean {
    return flagOf(this.#resource, 'aadAuthEnabled') ?? false;
  }

  /** Whether what the script prints goes to Application Insights. */
  get enableAppInsights(): boolean | undefined {
    return flagOf(this.#resource, 'appInsightsEnabled');
  }

  /** Where the last deployment stands. */
  get deploymentStatus(): string | undefined {
    return textOf(this.#resource, 'deploymentStatus');
  }

  /** Id of the image that the service was made from. */
  get imageId(): string | undefined {
    return textOf(this.#resource, 'imageId');
  }

  /** Digest of that image. */
  get imageDigest(): string | undefined {
    return textOf(this.#resource, 'imageDigest');
  }

  /** Details of that image. */
  get image(): JsonValue | undefined {
    return this.#shown('imageDetails');
  }

  /** Environment that the service was made with. The values of its environment variables are masked. */
  get environment(): JsonValue | undefined {
    return withoutSecrets(objectOf(this.#resource, 'environmentImageRequest', 'environment')) as JsonValue | undefined;
  }

  /** Models that the service was made with. */
  get models(): readonly JsonValue[] {
    const models = fieldAt(this.#resource, ['models']);
    return Array.isArray(models) ? (withoutSecrets(models) as JsonValue[]) : [];
  }

  /**
   * The service as JSON with the names of the Python client. Keys and the values of environment variables are masked;
   * `deserialize()` takes it back with the masks in their places. No update sends those.
   *
   * Source: `serialize()` of azureml-core.
   */
  serialize(): Record<string, JsonValue> {
    const { kind, workspace, state, scoringUri } = this;
    return serializeService(this.#resource, { kind, workspaceName: workspace.workspaceName, state, scoringUri });
  }

  /** The service as plain JSON: what `serialize()` gives, with the kind and the address of its description. */
  override toJSON(): Record<string, JsonValue> {
    return { ...super.toJSON(), ...this.serialize() };
  }

  #shown(name: string): JsonValue | undefined {
    return (withoutSecrets(fieldAt(this.#resource, [name])) ?? undefined) as JsonValue | undefined;
  }
}

function nameOf(resource: JsonObject): string {
  const name = textOf(resource, 'name');
  if (name === undefined) {
    throw new AzuremlError('INVALID_ANSWER', `A service in an answer has no name. ${INVALID_HINT}`);
  }
  return name;
}
