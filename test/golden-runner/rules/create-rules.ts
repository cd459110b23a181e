import type { ScenarioRule } from './rule.ts';

/** Rules about how services are made. */
export const CREATE_RULES: readonly ScenarioRule[] = [
  {
    id: 'false-collection-sent',
    peer: 'leaves `collect_model_data=False` out when it makes a service, so that the service decides',
    ours: 'sends `false`: what was said is meant',
    explains: ({ kind, part, path, recorded, ours }) =>
      kind === 'other request' &&
      part === 'body' &&
      path?.at(-1) === 'dataCollection' &&
      recorded === undefined &&
      (ours as { readonly storageEnabled?: unknown }).storageEnabled === false,
  },
  {
    id: 'image-settings-sent',
    peer: 'ignores `collect_model_data` and the keys when it makes a service on ACI from an image',
    ours: 'sends them',
    explains: ({ kind, part, path, recorded, ours }, { steps }) =>
      steps.some(({ do: name }) => name === 'deployFromImage') &&
      kind === 'other request' &&
      part === 'body' &&
      ['dataCollection', 'keys'].includes(path?.at(-1) ?? '') &&
      recorded === undefined &&
      ours !== undefined,
  },
];
