/** What the placeholders of the recordings stand for in one run. */
export interface Places {
  /** Origin of the server, `{base}`. Tokens travel over https only, so it is an address that is sent to loopback. */
  readonly base: string;
  /** Folder of the caller's, `{tmp}`. */
  readonly tmp: string;
  /** Token for Azure, `{armToken}`. */
  readonly armToken: string;
}

/** Workspace of all recordings, `{scope}`. */
export const WORKSPACE = {
  subscriptionId: '11111111-2222-3333-4444-555555555555',
  resourceGroup: 'rg1',
  workspaceName: 'ws1',
};

const SCOPE = `/subscriptions/${WORKSPACE.subscriptionId}/resourceGroups/${WORKSPACE.resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${WORKSPACE.workspaceName}`;

/** What differs from run to run, as a pattern. */
const RANDOM: Readonly<Record<string, string>> = {
  '{session}': '[0-9a-f-]{36}',
  '{uuid4}': '[0-9a-f-]{36}',
  '{rand8}': '[0-9a-f]{8}',
  '{wrapped}': '[^/]+',
  '{tmpdir}': '.+',
};

/** Writes a value of a recording with what its placeholders stand for; random ones stay. */
export function expand<T>(value: T, places: Places): T {
  if (typeof value === 'string') {
    return value
      .replaceAll('{mms}', `/modelmanagement/v1.0${SCOPE}`)
      .replaceAll('{scope}', SCOPE)
      .replaceAll('{base}', places.base)
      .replaceAll('{tmp}', places.tmp)
      .replaceAll('{armToken}', places.armToken) as T;
  }
  if (Array.isArray(value)) {
    return value.map((item) => expand(item, places)) as T;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [expand(name, places), expand(item, places)]),
    ) as T;
  }
  return value;
}

/** Whether a text is the recorded one, whatever stands for its random parts. */
export function sameText(recorded: string, ours: string): boolean {
  const parts = recorded.split(/(\{[a-z0-9]+\})/);
  if (!parts.some((part) => Object.hasOwn(RANDOM, part))) {
    return recorded === ours;
  }
  const pattern = parts.map((part) => RANDOM[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('');
  return new RegExp(`^${pattern}$`, 'i').test(ours);
}

/** Path of the workspace below Azure Resource Manager. */
export const WORKSPACE_PATH = SCOPE;
/** Path of the service that manages classic web services. */
export const MODEL_MANAGEMENT_PATH = `/modelmanagement/v1.0${SCOPE}`;
/** Id of the workspace in its discovery address. */
export const WORKSPACE_ID = '99999999-8888-7777-6666-555555555555';
