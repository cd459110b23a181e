import packageJson from '../package.json' with { type: 'json' };

/** Version of this package, as in `x-ms-server-version`. */
export const VERSION: string = packageJson.version;
