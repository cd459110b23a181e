import manifest from '../package.json' with { type: 'json' };

/** Version of this package. @internal */
export const SDK_VERSION: string = manifest.version;
