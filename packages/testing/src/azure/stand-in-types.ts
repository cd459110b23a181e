/** What {@link startAzureStandIn} starts with. */
export interface AzureStandInOptions {
  /** Subscription of the workspace. Default: a GUID that belongs to nobody. */
  readonly subscriptionId?: string | undefined;
  /** Resource group of the workspace. Default `rg1`. */
  readonly resourceGroup?: string | undefined;
  /** Name of the workspace. Default `ws1`. */
  readonly workspaceName?: string | undefined;
  /** Region. Default `westus`. */
  readonly location?: string | undefined;
  /**
   * Serves https with a certificate of its own, so that other processes can talk to it: see `AzureStandIn.environment`.
   * Default `false`: http, and `clientOptions` sends requests for Azure's addresses here. Needs the package `selfsigned`.
   */
  readonly tls?: boolean | undefined;
  /** Port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
  /** Entries of a page of a list when the request names no number. Default 20. */
  readonly pageSize?: number | undefined;
  /**
   * Connection string of a blob emulator: requests for storage accounts go there, whatever account they are meant for, and
   * the containers of datastores are made there. Default: none; nobody answers at the address of an account.
   */
  readonly blobs?: string | undefined;
}

/** A request that came, and what was answered. */
export interface AzureExchange {
  /** In capitals. */
  readonly method: string;
  /** As the client meant it: absolute, with Azure's host name, for example `https://management.azure.com/...`. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; a text that is not JSON as it is; `undefined` when empty. */
  readonly body: unknown;
  /** When it came. */
  readonly receivedAt: Date;
  /** What was answered, or lost when the connection was cut; status 0 when nothing was acted on. Lower-case names. */
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  /** Which part answered: only `management` is described by the official specifications; `operation` is a status link. */
  readonly plane: 'management' | 'operation' | 'discovery' | 'classic' | 'scoring' | 'blob' | 'other';
  /** Whether the answer was a fault on demand and not that of the service. */
  readonly isFault: boolean;
}

/** Which requests a fault hits, and what happens to them. */
export interface AzureFault {
  /** Method, in capitals. Default: any. */
  readonly method?: string | undefined;
  /** Part of the absolute URL, or a pattern for it. Default: any. */
  readonly url?: string | RegExp | undefined;
  /** Number of requests that it hits; `Infinity` until {@link AzureStandIn.clearFaults}. Default 1. */
  readonly times?: number | undefined;
  /** Number of matching requests that it lets pass first. Default 0. */
  readonly after?: number | undefined;
  /** Answers with this status. */
  readonly status?: number | undefined;
  /** Body of that answer: an object as JSON, a string as it is. Default: an error body as the service writes it. */
  readonly body?: unknown;
  /** Headers of that answer, for example `{ 'retry-after': '1' }`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Cuts the connection: before the request is acted on, or after (so that only the answer is lost). */
  readonly cut?: 'before' | 'after' | undefined;
  /** Waits before acting, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** Is called when it hits a request, before the request is acted on: changes state in between a client's requests. */
  readonly onHit?: (() => void) | undefined;
}

/** How a long operation of the stand-in goes. */
export interface AzureOperationPlan {
  /** Number of status answers `InProgress` before the end. Default 1; `Infinity` never ends. */
  readonly polls?: number | undefined;
  /** How it ends. Default `Succeeded`. */
  readonly outcome?: 'Succeeded' | 'Failed' | 'Canceled' | undefined;
  /** Error of a failed operation. */
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown } | undefined;
  /** `Retry-After` of the first answer and of each status answer, in seconds. Default: none. */
  readonly retryAfter?: number | undefined;
  /** Classic service: further fields of the status answer (`operationDetails`, `operationLog`, `streamingOperationLog`). */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  /** Log lines that the deployment has from the end of the operation on. */
  readonly logs?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A JSON object whose fields are not known here. */
export type AzureResource = Record<string, unknown>;

/** A version of a registered model, environment or code. Change `resource` at will: it is what GET answers. */
export interface AssetVersionState {
  /** `models`, `environments` or `codes`. */
  readonly kind: string;
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** As GET answers it. */
  resource: AzureResource;
}

/** An online endpoint of the stand-in. Change `resource` at will: it is what GET answers. */
export interface OnlineEndpointState {
  /** Its name. */
  readonly name: string;
  /** As GET answers it: id, name, type, location, tags, kind, identity, properties, systemData. */
  resource: AzureResource;
  /** Its deployments by name. */
  readonly deployments: ReadonlyMap<string, OnlineDeploymentState>;
  /** Keys of now; regenerating replaces them. */
  keys: { primaryKey: string; secondaryKey: string };
  /** Called for each scoring request that was let in; may ask a server of its own. Default: answers what it was sent. */
  score: (request: {
    body: string;
    headers: Readonly<Record<string, string>>;
    deploymentName: string;
  }) => StandInScore | Promise<StandInScore>;
}

/** What a scoring request is answered with. */
export interface StandInScore {
  /** Default 200. */
  status?: number;
  /** An object as JSON, a string as it is. */
  body?: unknown;
  /** More headers. */
  headers?: Record<string, string>;
}

/** A deployment of an online endpoint. */
export interface OnlineDeploymentState {
  /** Its name. */
  readonly name: string;
  /** As GET answers it. */
  resource: AzureResource;
  /** Log lines by container: `InferenceServer`, `StorageInitializer`. */
  logs: Record<string, string[]>;
}

/** A classic web service (AKS, ACI, AKSENDPOINT or another compute type). */
export interface ClassicServiceState {
  /** Its name. */
  readonly name: string;
  /** As GET answers it. */
  resource: AzureResource;
  /** Lines of its log. */
  logs: string[];
  /** Lines of the container that fetches models and code. */
  initLogs: string[];
  /** Keys of now; regenerating replaces them. */
  keys: { primaryKey: string; secondaryKey: string };
  /** As for an online endpoint. */
  score: OnlineEndpointState['score'];
}

/** A datastore of the workspace. */
export interface DatastoreState {
  /** Its name. */
  readonly name: string;
  /** As GET answers it: id, name, type, properties, systemData. */
  resource: AzureResource;
  /**
   * What `listSecrets` answers, for example `{ secretsType: 'AccountKey', key }` or `{ secretsType: 'Sas', sasToken }`.
   * `undefined` for a store that is reached with an identity: the answer is 400.
   */
  secrets: AzureResource | undefined;
}

/** The stand-in for a workspace in Azure: management plane, discovery, classic service and scoring, with state. */
export interface AzureStandIn extends AsyncDisposable {
  /** Address on loopback. */
  readonly url: string;
  /** Subscription of the workspace. */
  readonly subscriptionId: string;
  /** Resource group of the workspace. */
  readonly resourceGroup: string;
  /** Name of the workspace. */
  readonly workspaceName: string;
  /** Gives tokens that belong to nobody; a request without one of them is answered 401. */
  readonly credential: {
    getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
  };
  /** Scopes that tokens were asked for, in order. */
  readonly tokenRequests: readonly string[];
  /** For `new Workspace({ ..., clientOptions })`: sends Azure's addresses here and waits hardly at all between tries. */
  readonly clientOptions: {
    readonly endpoint?: string;
    readonly additionalPolicies: readonly {
      readonly policy: {
        readonly name: string;
        // biome-ignore lint/suspicious/noExplicitAny: the types of @azure/core-rest-pipeline, which is not loaded here.
        sendRequest(request: any, next: (request: any) => Promise<any>): Promise<any>;
      };
      readonly position: 'perCall' | 'perRetry';
    }[];
    readonly retryOptions: { readonly maxRetries: number; readonly retryDelayInMs: number };
    readonly pollIntervalMs: number;
  };
  /** With `tls`: variables for another process that shall find this stand-in (address, certificate, token). */
  readonly environment: Readonly<Record<string, string>>;
  /** Workspace as GET answers it. */
  workspace: AzureResource;
  /** Adds an online endpoint; `resource` is merged over a complete default. */
  addEndpoint(name: string, resource?: AzureResource): OnlineEndpointState;
  /** Adds a deployment to an endpoint; `resource` is merged over a complete default. */
  addDeployment(endpointName: string, name: string, resource?: AzureResource): OnlineDeploymentState;
  /** Adds a classic service of `computeType` `AKS` (default), `ACI`, `AKSENDPOINT`, ...; merged over a complete default. */
  addService(name: string, resource?: AzureResource): ClassicServiceState;
  /**
   * Adds a datastore; `resource` is merged over a complete default: an Azure blob container with an account key. The one
   * with `properties.isDefault` takes that from the others. `workspaceblobstore`, the default one, is always there.
   */
  addDatastore(name: string, resource?: AzureResource): DatastoreState;
  /** Adds a version of a model, an environment or a code; fields that are given lie over the usual ones. */
  addAsset(
    kind: 'models' | 'environments' | 'codes',
    name: string,
    version: string,
    resource?: AzureResource,
  ): AssetVersionState;
  /** Every registered version of a kind, in the order in which they came. */
  assets(kind: 'models' | 'environments' | 'codes'): readonly AssetVersionState[];
  /** The online endpoint of a name. */
  endpoint(name: string): OnlineEndpointState | undefined;
  /** The deployment of an endpoint. */
  deployment(endpointName: string, name: string): OnlineDeploymentState | undefined;
  /** The classic service of a name. */
  service(name: string): ClassicServiceState | undefined;
  /** The datastore of a name. */
  datastore(name: string): DatastoreState | undefined;
  /** How the long operations to come go: one plan each, the last one for all further ones. */
  planOperations(...plans: readonly AzureOperationPlan[]): void;
  /** Adds a fault. Faults added first are looked at first. */
  fail(fault: AzureFault): void;
  /** Takes all faults away. */
  clearFaults(): void;
  /** Everything that came so far. */
  exchanges(): readonly AzureExchange[];
  /** Forgets what came so far. */
  clearExchanges(): void;
  /** Every key and token handed out so far, also those replaced since. */
  secrets(): readonly string[];
  /** Ends the server; what waits is cut. */
  close(): Promise<void>;
}
