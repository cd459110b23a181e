import { isDeepStrictEqual } from 'node:util';

/** What is said of a version of a model or an environment, and may be said later too. */
export interface AssetDescription {
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly description?: string | undefined;
}

/** The same as the service keeps it. */
interface DescribedProperties {
  tags?: Record<string, string | null> | null;
  properties?: Record<string, string | null> | null;
  description?: string | null;
}

/**
 * A version that is there, with what is said of it now. Tags that it has and that are not named stay.
 *
 * @returns Properties to write; `undefined` when it is as said.
 */
export function describedAnew<T extends DescribedProperties>(
  old: T,
  { tags, properties, description }: AssetDescription,
): T | undefined {
  const before = { ...old, tags: { ...old.tags }, properties: { ...old.properties } };
  const after = {
    ...before,
    tags: { ...before.tags, ...tags },
    properties: { ...before.properties, ...properties },
    // The service may keep an empty one as none.
    ...((description ?? '') === (old.description ?? '') || description === undefined ? {} : { description }),
  };
  return isDeepStrictEqual(before, after) ? undefined : after;
}
