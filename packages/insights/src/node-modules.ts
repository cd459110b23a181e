/*
 * Modules of Node that take milliseconds to load, each loaded where it is first used. An `import` would load them with
 * this package, and with some of them still more: it reads every getter of theirs, and one of `node:http` loads a whole
 * client.
 */

/** @internal */
export const nodeCrypto = atFirstUse('node:crypto');
/** @internal */
export const nodeHttp = atFirstUse('node:http');
/** @internal */
export const nodeWorkerThreads = atFirstUse('node:worker_threads');
/** @internal */
export const nodeZlib = atFirstUse('node:zlib');

/** Loaded with Node itself: only an `import` of them costs time. @internal */
export const nodeFs = process.getBuiltinModule('node:fs');
/** See {@link nodeFs}. @internal */
export const nodeUtil = process.getBuiltinModule('node:util');

type NodeModules = {
  'node:crypto': typeof import('node:crypto');
  'node:http': typeof import('node:http');
  'node:worker_threads': typeof import('node:worker_threads');
  'node:zlib': typeof import('node:zlib');
};

function atFirstUse<Id extends keyof NodeModules>(id: Id): () => NodeModules[Id] {
  let loaded: NodeModules[Id] | undefined;
  return () => {
    loaded ??= process.getBuiltinModule(id) as NodeModules[Id];
    return loaded;
  };
}
