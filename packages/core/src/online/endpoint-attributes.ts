import type { JsonValue } from '@azureml-ts/common';
import { isJsonObject, type JsonObject, textAt, valueAt } from '../azure/json-object.ts';
import type { WebserviceState } from '../webservice/state.ts';
import { Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Traffic } from './check-traffic.ts';
import type { EndpointAuthMode } from './endpoint-keys.ts';
import { EndpointRecord } from './endpoint-record.ts';
import type { OnlineDeployment } from './online-deployment.ts';
import type { ProvisioningState } from './online-state.ts';
import { plainNumber } from './same-json.ts';

/** What an online endpoint says of itself: its attributes as they were last read. */
export abstract class EndpointAttributes extends Webservice {
  /** @internal */
  protected readonly record: EndpointRecord;

  /** @internal */
  protected constructor(workspace: Workspace, name: string, resource: JsonObject) {
    super(workspace, name);
    this.record = new EndpointRecord(workspace, name, resource);
  }

  /** State of the endpoint with its deployments; see the guide and {@link WebserviceState}. */
  override get state(): WebserviceState {
    return this.record.state;
  }

  /** Where the endpoint itself stands, in the words of the service. */
  get provisioningState(): ProvisioningState | undefined {
    return this.record.provisioningState;
  }

  /** Where to POST scoring requests; `undefined` while the endpoint is being created. */
  override get scoringUri(): string | undefined {
    return this.#text('scoringUri');
  }

  /** Where the service describes itself. */
  override get swaggerUri(): string | undefined {
    return this.#text('swaggerUri') ?? super.swaggerUri;
  }

  /** How requests are let in: `Key`, `AMLToken` (a token of the workspace) or `AADToken` (Microsoft Entra). */
  get authMode(): EndpointAuthMode | undefined {
    return this.#text('authMode');
  }

  /** `managed` (Azure's machines) or `kubernetes` (a cluster of your own). */
  get computeType(): 'managed' | 'kubernetes' {
    const [first] = this.record.deployments ?? [];
    return first?.computeType ?? (this.#text('compute') ? 'kubernetes' : 'managed');
  }

  /** Share of the requests that each deployment gets, in percent, when it was last read. */
  get traffic(): Traffic {
    return shares(valueAt(this.record.endpoint, 'properties', 'traffic'));
  }

  /** Share of the requests that each deployment gets a copy of, in percent. */
  get mirrorTraffic(): Traffic {
    return shares(valueAt(this.record.endpoint, 'properties', 'mirrorTraffic'));
  }

  /** Tags of the endpoint. */
  get tags(): Readonly<Record<string, string>> {
    const { tags } = this.record.endpoint;
    return isJsonObject(tags) ? ({ ...tags } as Record<string, string>) : {};
  }

  /** Description of the endpoint. */
  get description(): string | undefined {
    return this.#text('description');
  }

  /**
   * The platform's flag for Application Insights: `true` when all deployments have it, `false` when none has (or there are
   * none), `undefined` when they differ or were not read yet. {@link deployments} tells which.
   */
  get enableAppInsights(): boolean | undefined {
    return this.#agreed(({ appInsightsEnabled }) => appInsightsEnabled);
  }

  /**
   * Whether the platform collects model data: `true` when all deployments have a collection that is on, `false` when none
   * has (or there are none), `undefined` when they differ or were not read yet. {@link deployments} tells which.
   */
  get collectModelData(): boolean | undefined {
    return this.#agreed(({ collectModelData }) => collectModelData);
  }

  /** The whole answer of the service for the endpoint, fields included that this package does not know. */
  get resource(): Readonly<Record<string, unknown>> {
    return JSON.parse(JSON.stringify(this.record.endpoint)) as JsonObject;
  }

  /** The endpoint as plain JSON, without secrets. */
  override toJSON(): Record<string, JsonValue> {
    return {
      ...super.toJSON(),
      provisioningState: this.provisioningState ?? null,
      authMode: this.authMode ?? null,
      computeType: this.computeType,
      traffic: this.traffic,
      mirrorTraffic: this.mirrorTraffic,
      tags: this.tags,
      description: this.description ?? null,
      enableAppInsights: this.enableAppInsights ?? null,
      collectModelData: this.collectModelData ?? null,
      deployments: this.record.deployments?.map((deployment) => deployment.toJSON()) ?? null,
      resource: this.resource as Record<string, JsonValue>,
    };
  }

  #text(name: string): string | undefined {
    return textAt(this.record.endpoint, 'properties', name);
  }

  #agreed(of: (deployment: OnlineDeployment) => boolean): boolean | undefined {
    const { deployments } = this.record;
    const values = new Set(deployments?.map(of));
    return deployments === undefined || values.size > 1 ? undefined : values.has(true);
  }
}

function shares(traffic: unknown): Traffic {
  return isJsonObject(traffic)
    ? Object.fromEntries(
        Object.entries(traffic)
          .map(([name, share]) => [name, plainNumber(share)])
          .filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      )
    : {};
}
