/** Names and versions of models, environments and code. */
const ASSET_NAME = /^[a-zA-Z0-9][a-zA-Z0-9\-._]{0,254}$/;

/** What such a name must be, after "must be" or "expected". */
export const ASSET_NAME_RULE = '1 to 255 letters, digits, "-", "_" and ".", starting with a letter or digit';

/** Whether a value can be the name, or the version, of a model, an environment or code. */
export function isAssetName(value: unknown): value is string {
  return typeof value === 'string' && ASSET_NAME.test(value);
}
