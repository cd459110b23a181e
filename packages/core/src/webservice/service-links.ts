import type { Workspace } from '../workspace/workspace.ts';

/** Addresses for people. All are `undefined` for a `LocalWebservice`, which nothing in Azure knows. */
export interface ServiceLinks {
  /** The service in Azure Machine Learning studio. Leads to the right tenant once the workspace was read. */
  readonly studio: string | undefined;
  /** Application Insights of the workspace in the portal; `undefined` until the workspace was read, or when it has none. */
  readonly appInsights: string | undefined;
  /** Storage account of the workspace in the portal; `undefined` until the workspace was read. */
  readonly storage: string | undefined;
}

/**
 * The addresses of a service, in the cloud of its workspace.
 *
 * @param service Its name and kind; `workspace.details` as they were read last.
 */
export function serviceLinks(service: {
  readonly workspace: Workspace;
  readonly name: string;
  readonly kind: string;
}): ServiceLinks {
  if (service.kind === 'LocalWebservice') {
    return { studio: undefined, appInsights: undefined, storage: undefined };
  }
  const { id, details, cloud } = service.workspace;
  const tenant = details?.tenantId;
  const studio = new URL(`${cloud.studio}/endpoints/realtime/${encodeURIComponent(service.name)}/detail`);
  // Ids are put in as they are: the studio reads slashes there.
  studio.search = `wsid=${encodeURI(id)}${tenant === undefined ? '' : `&tid=${encodeURIComponent(tenant)}`}`;
  const inPortal = (armId: string | undefined) =>
    armId === undefined || armId === ''
      ? undefined
      : `${cloud.portal}/#${tenant === undefined ? '' : `@${encodeURIComponent(tenant)}/`}resource${encodeURI(armId)}/overview`;
  return {
    studio: studio.toString(),
    appInsights: inPortal(details?.applicationInsights),
    storage: inPortal(details?.storageAccount),
  };
}
