/** The addresses that answers of the stand-in carry. None has a slash at the end. @internal */
export interface AzureAddresses {
  /** Of the management plane. */
  readonly management: string;
  /** Of the discovery document and of the classic service. */
  readonly workspace: string;
  /** Where an online endpoint scores, without the last part (`score`, `swagger.json`). */
  onlineEndpoint(name: string): string;
  /** The same of a classic service. */
  classicService(name: string, computeType: string): string;
}

/** Hosts of the management plane in all clouds. @internal */
export const MANAGEMENT_ORIGINS: readonly string[] = [
  'https://management.azure.com',
  'https://management.chinacloudapi.cn',
  'https://management.usgovcloudapi.net',
];

/** Azure's public host names, for clients whose requests are sent here by a policy. @internal */
export function publicAddresses(location: string): AzureAddresses {
  return {
    management: 'https://management.azure.com',
    workspace: `https://${location}.api.azureml.ms`,
    onlineEndpoint: (name) => `https://${name}.${location}.inference.ml.azure.com`,
    classicService: (name, computeType) =>
      computeType === 'ACI'
        ? `https://${name}.${location}.azurecontainer.io`
        : `https://aks1.${location}.cloudapp.azure.com${classicPath(name, computeType)}`,
  };
}

/** Everything below one address of this machine, for other processes. @internal */
export function loopbackAddresses(url: string): AzureAddresses {
  return {
    management: url,
    workspace: url,
    onlineEndpoint: (name) => `${url}/scoring/${name}`,
    classicService: (name, computeType) =>
      computeType === 'ACI' ? `${url}/aci/${name}` : `${url}${classicPath(name, computeType)}`,
  };
}

function classicPath(name: string, computeType: string): string {
  return computeType === 'AKSENDPOINT' ? `/api/v1/endpoint/${name}` : `/api/v1/service/${name}`;
}
