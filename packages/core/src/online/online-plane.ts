import type { WaitOptions } from '@azureml-ts/common';
import type { ListWebservicesOptions, Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { isMissing, isOnlineName } from './online-api.ts';
import { OnlineEndpoint } from './online-endpoint.ts';

/** The online endpoints of a workspace, for a search over all kinds of services. */
export const onlinePlane = {
  /**
   * Reads the online endpoint of a name.
   *
   * @returns `undefined` when there is none.
   */
  async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<Webservice | undefined> {
    if (!isOnlineName(name)) {
      return undefined;
    }
    try {
      return await OnlineEndpoint.get(workspace, name, {
        abortSignal: options.abortSignal,
        timeoutMs: options.timeoutMs,
      });
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  },

  /** Lists the online endpoints, a page at a time. */
  list(
    workspace: Workspace,
    options: Pick<ListWebservicesOptions, 'abortSignal' | 'timeoutMs' | 'tags' | 'properties'> = {},
  ): AsyncGenerator<Webservice> {
    const { abortSignal, timeoutMs, tags, properties } = options;
    return OnlineEndpoint.list(workspace, { abortSignal, timeoutMs, tags, properties });
  },
};
