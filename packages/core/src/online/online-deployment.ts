import { inspect } from 'node:util';
import type { JsonValue } from '@azureml-ts/common';
import { isJsonObject, type JsonObject, textAt, valueAt } from '../azure/json-object.ts';
import { hideWhenShown } from '../webservice/service-keys.ts';
import type { WebserviceState } from '../webservice/state.ts';
import { isCollecting } from './data-collector.ts';
import { type ProvisioningState, stateOf } from './online-state.ts';
import { mayBeShown, shownVariables, variablesOf } from './variables.ts';

/**
 * A deployment of an online endpoint as it was when it was read.
 *
 * Source: `OnlineDeployment`, 2024-04-01.
 */
export class OnlineDeployment {
  /** Name of the deployment. */
  readonly name: string;
  readonly #raw: JsonObject;

  /** @internal Use `deployments()` of `OnlineEndpoint`. */
  constructor(resource: JsonObject) {
    this.name = textAt(resource, 'name') ?? '';
    this.#raw = resource;
  }

  /** Where the deployment stands, in the words of the service. */
  get provisioningState(): ProvisioningState | undefined {
    return this.#text('provisioningState');
  }

  /** State of the deployment; see {@link WebserviceState}. */
  get state(): WebserviceState {
    return stateOf(this.provisioningState);
  }

  /** `managed` (Azure's machines) or `kubernetes` (a cluster of your own). */
  get computeType(): 'managed' | 'kubernetes' {
    return this.#text('endpointComputeType')?.toLowerCase() === 'kubernetes' ? 'kubernetes' : 'managed';
  }

  /** Id of the model. */
  get model(): string | undefined {
    return this.#text('model');
  }

  /** Id of the environment. */
  get environmentId(): string | undefined {
    return this.#text('environmentId');
  }

  /** Size of an instance, for example `Standard_DS3_v2`. */
  get instanceType(): string | undefined {
    return this.#text('instanceType');
  }

  /** Number of instances; an autoscaler may change it at any time. */
  get instanceCount(): number | undefined {
    const capacity = valueAt(this.#raw, 'sku', 'capacity');
    return typeof capacity === 'number' ? capacity : undefined;
  }

  /** The platform's flag for Application Insights. */
  get appInsightsEnabled(): boolean {
    return valueAt(this.#raw, 'properties', 'appInsightsEnabled') === true;
  }

  /** Whether the platform's data collector has a collection that is on. */
  get collectModelData(): boolean {
    return isCollecting(valueAt(this.#raw, 'properties', 'dataCollector'));
  }

  /** The platform's data collector as the service has it; `undefined` when there is none. */
  get dataCollector(): Readonly<Record<string, unknown>> | undefined {
    const collector = valueAt(this.#raw, 'properties', 'dataCollector');
    return isJsonObject(collector) ? copyOf(collector) : undefined;
  }

  /** Environment variables. They can be read; printed or as JSON, those that may be secrets are masked. */
  get environmentVariables(): Readonly<Record<string, string | null>> {
    const variables = variablesOf(this.#raw) as Record<string, string | null>;
    return hideWhenShown(
      variables,
      Object.entries(variables).flatMap(([name, value]) => (mayBeShown(name, value) ? [] : [name])),
    );
  }

  /** Tags of the deployment. */
  get tags(): Readonly<Record<string, string>> {
    const { tags } = this.#raw;
    return isJsonObject(tags) ? ({ ...tags } as Record<string, string>) : {};
  }

  /** Description of the deployment. */
  get description(): string | undefined {
    return this.#text('description');
  }

  /** The whole answer of the service, unknown fields included. Environment variables as in {@link environmentVariables}. */
  get resource(): Readonly<Record<string, unknown>> {
    return this.#with(this.environmentVariables);
  }

  /** The deployment as plain JSON, without secrets. */
  toJSON(): Record<string, JsonValue> {
    const { name, state, computeType, appInsightsEnabled, collectModelData } = this;
    return {
      name,
      state,
      provisioningState: this.provisioningState ?? null,
      computeType,
      model: this.model ?? null,
      environmentId: this.environmentId ?? null,
      instanceType: this.instanceType ?? null,
      instanceCount: this.instanceCount ?? null,
      appInsightsEnabled,
      collectModelData,
      dataCollector: (this.dataCollector ?? null) as JsonValue,
      environmentVariables: shownVariables(variablesOf(this.#raw)) as Record<string, JsonValue>,
      tags: this.tags,
      description: this.description ?? null,
    };
  }

  /** @internal */
  [inspect.custom](depth: number, options: object): string {
    return `OnlineDeployment ${inspect(this.toJSON(), { ...options, depth })}`;
  }

  #text(name: string): string | undefined {
    return textAt(this.#raw, 'properties', name);
  }

  #with(environmentVariables: object): JsonObject {
    const copy = copyOf(this.#raw);
    return isJsonObject(copy['properties']) && isJsonObject(copy['properties']['environmentVariables'])
      ? { ...copy, properties: { ...copy['properties'], environmentVariables } }
      : copy;
  }
}

/** A copy in plain values: numbers that JavaScript cannot hold are rounded here, and only here. */
function copyOf(object: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
