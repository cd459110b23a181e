/**
 * Settings of a classic service on ACI that can be set when it is made and changed later. A setting left out is decided by
 * the service; the defaults named here are those of Azure's documentation.
 *
 * Source: `AciWebservice.deploy_configuration` and `AciWebservice.update` of azureml-core.
 */
export interface AciSettings {
  /** Tags, all of them: an update replaces those of before. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Properties; once set they stay as they are. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Description for people. */
  readonly description?: string | undefined;
  /** Asks callers for a key. Default `false`. */
  readonly authEnabled?: boolean | undefined;
  /** Serves over TLS; needs the two files and `sslCname`. Default `false`. */
  readonly sslEnabled?: boolean | undefined;
  /** Path of the certificate, a PEM file. */
  readonly sslCertPemFile?: string | undefined;
  /** Path of the certificate's private key, a PEM file. */
  readonly sslKeyPemFile?: string | undefined;
  /** Host name that the certificate is for. */
  readonly sslCname?: string | undefined;
  /** Sends what the script prints to Application Insights. Default `false`. */
  readonly enableAppInsights?: boolean | undefined;
}

/** Options of `AciWebservice.deployConfiguration()`. */
export interface AciDeploymentOptions extends AciSettings {
  /** CPU cores, greater than 0; may be a fraction. Default 0.1. */
  readonly cpuCores?: number | undefined;
  /** Memory in GB, greater than 0; may be a fraction. Default 0.5. */
  readonly memoryGb?: number | undefined;
  /** Azure region. Default: the workspace's. */
  readonly location?: string | undefined;
  /** First part of the host name. Default: made by the service. */
  readonly dnsNameLabel?: string | undefined;
  /** First key for callers. Default: the service makes one. */
  readonly primaryKey?: string | undefined;
  /** Second key for callers; needs `primaryKey`. Default: the service makes one. */
  readonly secondaryKey?: string | undefined;
  /** Lets the scoring script collect feature rows in the workspace's storage account. Default `false`. */
  readonly collectModelData?: boolean | undefined;
  /** Key vault of a key of one's own for encryption; all three `cmk...` or none. */
  readonly cmkVaultBaseUrl?: string | undefined;
  /** Name of that key. */
  readonly cmkKeyName?: string | undefined;
  /** Version of that key. */
  readonly cmkKeyVersion?: string | undefined;
  /** Virtual network to run in; together with `subnetName`. */
  readonly vnetName?: string | undefined;
  /** Subnet of the virtual network. */
  readonly subnetName?: string | undefined;
}
