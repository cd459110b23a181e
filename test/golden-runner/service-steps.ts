import { attribute, call, type LibraryObject } from './library.ts';
import { MODEL_MANAGEMENT_PATH } from './placeholders.ts';
import { camelCase, optionsOf } from './python-names.ts';
import type { Step } from './scenario-file.ts';
import { current, type Stage, type StepKind } from './stage.ts';
import { anyObject } from './strict.ts';

const DESCRIBED = [
  'name',
  'compute_type',
  'state',
  'scoring_uri',
  'swagger_uri',
  'auth_enabled',
  'token_auth_enabled',
  'enable_app_insights',
  'created_time',
  'updated_time',
  'tags',
  'properties',
  'compute_name',
];

/** Steps that act on the current service. */
export const SERVICE_STEPS: Readonly<Record<string, StepKind>> = {
  describe: {
    args: [],
    play: async (stage) => {
      const service = current(stage);
      return {
        class: attribute(service, 'kind'),
        ...Object.fromEntries(DESCRIBED.map((name) => [name, attribute(service, camelCase(name))])),
      };
    },
  },
  readState: { args: [], play: async (stage) => attribute(current(stage), 'state') },
  readOperation: {
    args: [],
    play: async (stage) => {
      const id = attribute(current(stage), 'operationId');
      // The peer makes the address of the id alone, and so does ours.
      const operationEndpoint = id === null ? null : `${stage.base}${MODEL_MANAGEMENT_PATH}/operations/${id}`;
      return { operationEndpoint, state: attribute(current(stage), 'state') };
    },
  },
  serialize: { args: [], play: (stage) => call(current(stage), 'serialize') },
  update: {
    args: 'any',
    play: (stage, { args }) => {
      const { is_migration: isMigration, compute_target: computeTarget, ...settings } = args;
      // Ours has a method of its own for it.
      return isMigration === true
        ? done(call(current(stage), 'migrate', computeTarget))
        : done(call(current(stage), 'update', optionsOf(settings)));
    },
  },
  createVersion: { args: 'any', play: (stage, step) => changeVersion(stage, 'createVersion', step) },
  updateVersion: { args: 'any', play: (stage, step) => changeVersion(stage, 'updateVersion', step) },
  deleteVersion: {
    args: ['version_name'],
    play: (stage, { args }) => done(call(current(stage), 'deleteVersion', args['version_name'])),
  },
  addTags: { args: ['tags'], play: (stage, { args }) => done(call(current(stage), 'addTags', args['tags'])) },
  removeTags: { args: ['tags'], play: (stage, { args }) => done(call(current(stage), 'removeTags', args['tags'])) },
  addProperties: {
    args: ['properties'],
    play: (stage, { args }) => done(call(current(stage), 'addProperties', args['properties'])),
  },
  getLogs: {
    args: ['num_lines', 'init'],
    play: (stage, { args }) =>
      call(current(stage), 'getLogs', {
        ...('num_lines' in args ? { numLines: args['num_lines'] } : {}),
        ...(args['init'] === true ? { container: 'storage-initializer' } : {}),
      }),
  },
  getKeys: {
    args: [],
    play: async (stage) => {
      const keys = (await call(current(stage), 'getKeys')) as LibraryObject;
      return [attribute(keys, 'primaryKey'), attribute(keys, 'secondaryKey')];
    },
  },
  regenKey: {
    args: ['key', 'set_key'],
    play: (stage, { args }) => {
      const key = typeof args['key'] === 'string' ? args['key'].toLowerCase() : args['key'];
      return done(call(current(stage), 'regenerateKey', key, args['set_key'] ? { keyValue: args['set_key'] } : {}));
    },
  },
  getToken: {
    args: [],
    play: async (stage) => {
      const token = (await call(current(stage), 'getToken')) as LibraryObject;
      const refreshAfter = attribute(token, 'refreshAfter');
      return [
        attribute(token, 'accessToken'),
        refreshAfter instanceof Date ? refreshAfter.getTime() / 1000 : refreshAfter,
      ];
    },
  },
  getAccessToken: {
    args: [],
    play: async (stage) => {
      const token = (await call(current(stage), 'getToken')) as LibraryObject;
      return { accessToken: attribute(token, 'accessToken'), tokenType: attribute(token, 'tokenType') };
    },
  },
  run: {
    args: ['input_data'],
    play: (stage, { args }) => {
      const input = args['input_data'];
      const { base64 } = typeof input === 'string' ? {} : anyObject(input, 'input_data');
      return call(current(stage), 'run', typeof base64 === 'string' ? Buffer.from(base64, 'base64') : input);
    },
  },
  // The peer tells every step of a deletion, so somebody listens here as well.
  delete: { args: [], play: (stage) => done(call(current(stage), 'delete', { onProgress: () => undefined })) },
  waitForDeployment: {
    args: ['show_output', 'timeout_sec'],
    play: (stage, { args }) =>
      done(
        call(current(stage), 'waitForDeployment', {
          showOutput: false,
          ...(args['show_output'] === true ? { onProgress: () => undefined } : {}),
          ...(typeof args['timeout_sec'] === 'number'
            ? { timeoutMs: Math.max(stage.leastTimeoutMs, args['timeout_sec'] * stage.msPerSecond) }
            : {}),
        }),
      ),
  },
  updateDeploymentState: { args: [], play: (stage) => done(call(current(stage), 'refresh')) },
};

function changeVersion(stage: Stage, method: string, { args }: Step): Promise<null> {
  const { version_name: name, ...settings } = args;
  return done(call(current(stage), method, name, optionsOf(settings)));
}

/** The value of a step whose answer the recordings do not show. */
async function done(work: Promise<unknown>): Promise<null> {
  await work;
  return null;
}
