import type { StreamIdentity } from '../format/blob-path.ts';

/** What the columns of a call repeat of where its collector stores. */
export interface PythonIdentity {
  /** `<subscriptionid>/<resourcegroup>/<workspace>` in lower case. */
  readonly workspace: string;
  /** Name of the web service. */
  readonly serviceName: string;
  /** Name of the model. */
  readonly modelName: string;
  /** Version of the model as the caller gave it, a number or a text. */
  readonly modelVersion: string | number;
  /** Minutes that a file spans: 1440, or 60 with a folder for each hour. */
  readonly boundary: number;
}

/** A stream in the layout of the Python package, which writes the workspace in lower case. */
export function pythonStream(stream: StreamIdentity): StreamIdentity {
  const { subscriptionId, resourceGroup, workspaceName } = stream.workspace;
  return {
    ...stream,
    workspace: {
      subscriptionId: subscriptionId.toLowerCase(),
      resourceGroup: resourceGroup.toLowerCase(),
      workspaceName: workspaceName.toLowerCase(),
    },
    designation: stream.designation === 'default' ? 'general' : stream.designation,
  };
}

/** The parts of a stream that a row repeats. */
export function identityOf(
  { workspace, webserviceName, modelName, modelVersion }: StreamIdentity,
  options: { readonly givenVersion: string | number | undefined; readonly isHourly: boolean },
): PythonIdentity {
  return {
    workspace: `${workspace.subscriptionId}/${workspace.resourceGroup}/${workspace.workspaceName}`,
    serviceName: webserviceName,
    modelName,
    modelVersion: options.givenVersion ?? modelVersion,
    boundary: options.isHourly ? 60 : 1_440,
  };
}
