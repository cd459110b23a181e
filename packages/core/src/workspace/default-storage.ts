import type {
  AccountKeyDatastoreSecrets,
  AzureBlobDatastore,
  Datastore,
  DatastoreSecretsUnion,
  SasDatastoreSecrets,
} from '@azure/arm-machinelearning';
import type { TokenCredential } from '@azure/core-auth';
import { AzuremlError, isAzuremlError, type WaitOptions } from '@azureml-ts/common';
import type { AzureClient } from '../azure/azure-client.ts';
import { hideWhenShown } from '../webservice/service-keys.ts';
import type { WorkspaceIdentity } from './arm-id.ts';

/** Options of {@link Workspace.getDefaultStorage}. */
export interface DefaultStorageOptions extends WaitOptions {
  /** Asks for a key (or a shared access signature) in place of the credential. Default `false`. */
  readonly useKeys?: boolean | undefined;
}

/** The workspace's default blob store, for use with the workspace's credential: `new BlobServiceClient(accountUrl, credential)`. */
export interface DefaultStorage {
  /** Address of the blob service, for example `https://account.blob.core.windows.net`. */
  readonly accountUrl: string;
  /** Container of the datastore. */
  readonly containerName: string;
  /** Name of the datastore, usually `workspaceblobstore`. */
  readonly datastoreName: string;
  /** The workspace's credential. It needs the role "Storage Blob Data Contributor" (or "Reader") on the account. */
  readonly credential: TokenCredential;
}

/** The workspace's default blob store, with a secret. It is masked when the object is printed or turned into JSON: read the field. */
export interface DefaultStorageWithKeys {
  /** For `BlobServiceClient.fromConnectionString` and `AML_MODEL_DC_STORAGE`. */
  readonly connectionString: string;
  /** Address of the blob service, for example `https://account.blob.core.windows.net`. */
  readonly accountUrl: string;
  /** Container of the datastore. */
  readonly containerName: string;
  /** Name of the datastore, usually `workspaceblobstore`. */
  readonly datastoreName: string;
}

/** Whose storage. */
export interface StorageOwner extends WorkspaceIdentity {
  readonly azure: AzureClient;
  readonly cloud: { readonly storageSuffix: string };
  readonly credential: TokenCredential;
}

interface BlobStore {
  readonly datastoreName: string;
  readonly accountName: string;
  readonly containerName: string;
  readonly protocol: string;
  readonly suffix: string;
}

/** The default blob store, without a secret. */
export async function defaultStorage(owner: StorageOwner, options: WaitOptions): Promise<DefaultStorage> {
  const store = await findDefaultStore(owner, options);
  return Object.freeze({
    accountUrl: accountUrl(store),
    containerName: store.containerName,
    datastoreName: store.datastoreName,
    credential: owner.credential,
  });
}

/** The default blob store with its key or signature. */
export async function defaultStorageWithKeys(
  owner: StorageOwner,
  options: WaitOptions,
): Promise<DefaultStorageWithKeys> {
  const store = await findDefaultStore(owner, options);
  const secrets = await listSecrets(owner, store.datastoreName, options);
  return hideWhenShown(
    {
      connectionString: connectionString(store, secrets, owner),
      accountUrl: accountUrl(store),
      containerName: store.containerName,
      datastoreName: store.datastoreName,
    },
    ['connectionString'],
  );
}

async function findDefaultStore(owner: StorageOwner, options: WaitOptions): Promise<BlobStore> {
  const { azure, resourceGroup, workspaceName, cloud } = owner;
  const datastore = await azure.call(
    { ...options, what: `Looking for the default datastore of the workspace ${workspaceName}` },
    async (client, callOptions) => {
      for await (const found of client.datastores.list(resourceGroup, workspaceName, {
        ...callOptions,
        isDefault: true,
      })) {
        return found;
      }
      return undefined;
    },
  );
  if (datastore === undefined) {
    throw new AzuremlError(
      'DATASTORE_NOT_FOUND',
      `The workspace ${workspaceName} has no default datastore. Set one in the studio (Data, Datastores), or name a storage account yourself.`,
    );
  }
  return blobStore(datastore, workspaceName, cloud.storageSuffix);
}

function blobStore(datastore: Datastore, workspaceName: string, defaultSuffix: string): BlobStore {
  const { name = '' } = datastore;
  const properties = datastore.properties as Partial<Omit<AzureBlobDatastore, 'datastoreType'>> & {
    datastoreType: string;
  };
  const { datastoreType, accountName, containerName, protocol, endpoint } = properties;
  if (datastoreType !== 'AzureBlob' || !accountName || !containerName) {
    const fact = datastoreType === 'AzureBlob' ? 'names no account or no container' : 'is no blob container';
    throw new AzuremlError(
      'DATASTORE_UNSUPPORTED',
      `The default datastore "${name}" of the workspace ${workspaceName} ${fact} (type ${datastoreType}). ` +
        'Make a blob datastore the default one in the studio, or name a storage account yourself.',
      { details: { datastoreName: name, datastoreType } },
    );
  }
  return {
    datastoreName: name,
    accountName,
    containerName,
    protocol: protocol || 'https',
    suffix: endpoint || defaultSuffix,
  };
}

async function listSecrets(
  owner: StorageOwner,
  datastoreName: string,
  options: WaitOptions,
): Promise<DatastoreSecretsUnion> {
  const { azure, resourceGroup, workspaceName } = owner;
  try {
    return await azure.call(
      { ...options, what: `Reading the key of the datastore "${datastoreName}" of the workspace ${workspaceName}` },
      (client, callOptions) => client.datastores.listSecrets(resourceGroup, workspaceName, datastoreName, callOptions),
    );
  } catch (error) {
    // Identity-based datastores have no secret to list, and the service says so with 400 or 409.
    if (isAzuremlError(error) && (error.statusCode === 400 || error.statusCode === 409)) {
      throw keysUnavailable(owner, datastoreName, error.message, error);
    }
    throw error;
  }
}

function connectionString(store: BlobStore, secrets: DatastoreSecretsUnion, owner: StorageOwner): string {
  const { secretsType, key, sasToken } = secrets as { secretsType?: string } & Partial<
    Pick<AccountKeyDatastoreSecrets, 'key'> & Pick<SasDatastoreSecrets, 'sasToken'>
  >;
  if (secretsType === 'AccountKey' && typeof key === 'string' && key !== '') {
    return (
      `DefaultEndpointsProtocol=${store.protocol};AccountName=${store.accountName};` +
      `AccountKey=${key};EndpointSuffix=${store.suffix}`
    );
  }
  if (secretsType === 'Sas' && typeof sasToken === 'string' && sasToken !== '') {
    return `BlobEndpoint=${accountUrl(store)};SharedAccessSignature=${sasToken.replace(/^\?/, '')}`;
  }
  const held =
    secretsType === undefined || secretsType === 'None' ? 'no secret' : `a secret of the type ${secretsType}`;
  throw keysUnavailable(owner, store.datastoreName, `it holds ${held}, and neither a key nor a signature`);
}

function keysUnavailable({ workspaceName }: StorageOwner, name: string, fact: string, cause?: unknown): AzuremlError {
  return new AzuremlError(
    'STORAGE_KEYS_UNAVAILABLE',
    `The datastore "${name}" of the workspace ${workspaceName} gives no key: ${fact.replace(/\.$/, '')}. ` +
      'Use getDefaultStorage() without useKeys, and give the account the role "Storage Blob Data Contributor".',
    { cause, details: { datastoreName: name } },
  );
}

function accountUrl({ protocol, accountName, suffix }: BlobStore): string {
  return `${protocol}://${accountName}.blob.${suffix}`;
}
