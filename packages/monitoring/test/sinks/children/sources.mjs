// Lets a child process run the sources: packages of this repository are their sources, not what was built last.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    return specifier === '@azureml-ts/common'
      ? { url: new URL('../../../../common/src/index.ts', import.meta.url).href, shortCircuit: true }
      : next(specifier, context);
  },
});
