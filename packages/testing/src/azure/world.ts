import type { AzureAddresses } from './addresses.ts';
import type { BlobsBehind } from './blobs.ts';
import { SecretBook, TokenIssuer } from './credential.ts';
import { OperationBook } from './operations.ts';
import type {
  AssetVersionState,
  AzureResource,
  ClassicServiceState,
  DatastoreState,
  OnlineDeploymentState,
  OnlineEndpointState,
} from './stand-in-types.ts';

/** An endpoint with deployments that can be changed. @internal */
export interface MutableEndpoint extends OnlineEndpointState {
  readonly deployments: Map<string, OnlineDeploymentState>;
}

/** Names that the workspace goes by. @internal */
export interface WorkspaceNames {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspaceName: string;
  readonly location: string;
}

/** Everything that the stand-in knows: what the planes read and change. @internal */
export class World {
  readonly names: WorkspaceNames;
  readonly addresses: AzureAddresses;
  readonly pageSize: number;
  readonly secrets = new SecretBook();
  readonly tokens = new TokenIssuer(this.secrets);
  readonly operations = new OperationBook();
  readonly endpoints = new Map<string, MutableEndpoint>();
  readonly services = new Map<string, ClassicServiceState>();
  readonly datastores = new Map<string, DatastoreState>();
  /** By kind, name and version. */
  readonly assets = new Map<string, AssetVersionState>();
  /** Tokens that score, by the endpoint or service they were made for. */
  readonly scoringTokens = new Map<object, Set<string>>();
  /** Where the blobs of all accounts are; `undefined` when nobody keeps them. */
  blobs: BlobsBehind | undefined;
  workspace: AzureResource = {};
  readonly #workspaceSecrets = new Map<string, string>();

  constructor(names: WorkspaceNames, addresses: AzureAddresses, pageSize: number) {
    this.names = names;
    this.addresses = addresses;
    this.pageSize = pageSize;
  }

  /** ARM id of the workspace. */
  get workspaceId(): string {
    const { subscriptionId, resourceGroup, workspaceName } = this.names;
    return (
      `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}` +
      `/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}`
    );
  }

  /** A secret of the workspace; the same one each time. */
  workspaceSecret(name: string): string {
    const secret = this.#workspaceSecrets.get(name) ?? this.secrets.newKey(name === 'userStorageKey' ? 88 : 32);
    this.#workspaceSecrets.set(name, secret);
    return secret;
  }

  /** The signature in an address for uploads. */
  signature(): string {
    return this.workspaceSecret('uploadSignature');
  }

  /** A fresh pair of keys. */
  newKeys(): { primaryKey: string; secondaryKey: string } {
    return { primaryKey: this.secrets.newKey(), secondaryKey: this.secrets.newKey() };
  }

  /** A token that scores against one endpoint or service. */
  newScoringToken(owner: object): string {
    const token = this.secrets.newKey(64);
    const known = this.scoringTokens.get(owner) ?? new Set();
    this.scoringTokens.set(owner, known.add(token));
    return token;
  }
}
