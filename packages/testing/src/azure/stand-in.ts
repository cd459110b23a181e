import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorMessage, sleep, ValidationError } from '@azureml-ts/common';
import { makeCertificate } from '../loopback/certificate.ts';
import { startLoopbackServer } from '../loopback/http-server.ts';
import { loopbackAddresses, publicAddresses } from './addresses.ts';
import { type AzureRequest, errorOf } from './answer.ts';
import { answerBlobs, BlobsBehind } from './blobs.ts';
import { answerOfFault, readRequest, recorded, send, type WrittenAnswer, written } from './exchange.ts';
import { FaultPlan } from './faults.ts';
import { addDatastoreState } from './management/datastores.ts';
import { defaultWorkspace } from './management/workspace-resource.ts';
import { answer, type Destination, destinationOf } from './planes.ts';
import { rewritingPolicy } from './rewriting-policy.ts';
import type { AzureExchange, AzureFault, AzureStandIn, AzureStandInOptions } from './stand-in-types.ts';
import { World } from './world.ts';
import { worldHandles } from './world-handles.ts';

const DEFAULT_PAGE_SIZE = 20;

/**
 * Starts a stand-in for a workspace in Azure: management plane, classic service and scoring, with state.
 *
 * The real clients of Azure talk to it over loopback: `clientOptions` sends every request here, whatever host it was
 * meant for, so that nothing reaches a network. Endpoints, deployments and classic services are added with the handles
 * and changed by what the clients send. The server keeps the process alive until `close()`.
 *
 * @param options Names of the workspace, port, https. All have defaults.
 * @returns The running stand-in.
 * @throws {@link AzuremlError} `STAND_IN_START_FAILED` when the port is taken, or with `tls` when the package
 *   `selfsigned` is not installed; {@link ValidationError} for a page size that is no positive integer.
 * @example
 * ```ts
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * const azure = await startAzureStandIn();
 * azure.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
 * azure.addDeployment('loans', 'blue', { properties: { appInsightsEnabled: true } });
 *
 * // Pass azure.credential and azure.clientOptions to the client under test. Here a request by hand:
 * const { token } = await azure.credential.getToken('https://management.azure.com/.default');
 * const workspace =
 *   `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.resourceGroup}` +
 *   `/providers/Microsoft.MachineLearningServices/workspaces/${azure.workspaceName}`;
 * const answer = await fetch(`${azure.url}${workspace}/onlineEndpoints/loans/deployments/blue?api-version=2024-04-01`, {
 *   headers: { authorization: `Bearer ${token}` },
 * });
 * console.log(answer.status, JSON.stringify(await answer.json()).includes('"appInsightsEnabled":true')); // 200 true
 * await azure.close();
 * ```
 *
 * Source: Microsoft.MachineLearningServices in the api-versions 2022-10-01 and 2024-04-01 (the workspace also in
 * 2021-04-01), and the model-management service v1.0 of the classic workspaces.
 */
export async function startAzureStandIn(options: AzureStandInOptions = {}): Promise<AzureStandIn> {
  const {
    subscriptionId = '11111111-2222-3333-4444-555555555555',
    resourceGroup = 'rg1',
    workspaceName = 'ws1',
    location = 'westus',
    pageSize = DEFAULT_PAGE_SIZE,
  } = options;
  if (!Number.isInteger(pageSize) || pageSize < 1) {
    throw new ValidationError({ path: 'pageSize', expected: 'a positive integer', received: pageSize });
  }
  const faults = new FaultPlan();
  const closing = new AbortController();
  let exchanges: AzureExchange[] = [];
  let world: World | undefined;

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const receivedAt = new Date();
    const state = world as World;
    const request = await readRequest(incoming, server.url, state.addresses);
    const destination = destinationOf(state, request.url);
    const fault = faults.next(request.method, request.url.href);
    await beforeActing(fault, closing.signal);
    const given = fault && answerOfFault(fault, destination.plane);
    const isLost = fault?.cut !== undefined;
    const reply =
      fault?.cut === 'before'
        ? undefined
        : given === undefined
          ? await act(state, request, destination)
          : written(request, given);
    exchanges.push(recorded(request, receivedAt, destination.plane, isLost || given !== undefined, reply));
    if (isLost || reply === undefined) {
      incoming.socket.destroy();
    } else {
      send(response, reply);
    }
  };

  const certificate = options.tls === true ? await makeCertificate() : undefined;
  const server = await startLoopbackServer(
    { host: '127.0.0.1', port: options.port ?? 0, what: 'The Azure stand-in', tls: certificate },
    handle,
  ).catch(async (error: unknown) => {
    await certificate?.remove();
    throw error;
  });
  const addresses = certificate === undefined ? publicAddresses(location) : loopbackAddresses(server.url);
  world = new World({ subscriptionId, resourceGroup, workspaceName, location }, addresses, pageSize);
  world.blobs = options.blobs === undefined ? undefined : new BlobsBehind(options.blobs);
  world.workspace = defaultWorkspace(world);
  addDatastoreState(world, 'workspaceblobstore', { properties: { isDefault: true } });

  const close = async (): Promise<void> => {
    closing.abort(new Error('The Azure stand-in was closed'));
    await server.close();
    await certificate?.remove();
  };
  return {
    url: server.url,
    ...worldHandles(world),
    get workspace() {
      return (world as World).workspace;
    },
    set workspace(resource) {
      (world as World).workspace = resource;
    },
    clientOptions: {
      ...(certificate === undefined ? {} : { endpoint: server.url }),
      additionalPolicies: [{ policy: rewritingPolicy(server.url, certificate?.cert), position: 'perRetry' }],
      retryOptions: { maxRetries: 3, retryDelayInMs: 1 },
      pollIntervalMs: 1,
    },
    environment:
      certificate === undefined
        ? {}
        : {
            AZUREML_MANAGEMENT_ENDPOINT: server.url,
            NODE_EXTRA_CA_CERTS: certificate.file,
            AZUREML_ARM_ACCESS_TOKEN: world.tokens.issue(`${server.url}/.default`).token,
          },
    fail: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    exchanges: () => [...exchanges],
    clearExchanges: () => {
      exchanges = [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function beforeActing(fault: AzureFault | undefined, abortSignal: AbortSignal): Promise<void> {
  if (fault?.delayMs !== undefined) {
    await sleep(fault.delayMs, { abortSignal });
  }
  fault?.onHit?.();
}

async function act(world: World, request: AzureRequest, destination: Destination): Promise<WrittenAnswer> {
  try {
    if (destination.plane === 'blob') {
      return await answerBlobs(world, request);
    }
    return written(request, await answer(world, request, destination));
  } catch (error) {
    // A resource that a test made unreadable, or a `score` that throws: said rather than hidden.
    return written(request, errorOf(destination.plane, 500, 'StandInFault', errorMessage(error)));
  }
}
