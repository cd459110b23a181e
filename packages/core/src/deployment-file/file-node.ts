/** Where something stands in the file, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A value of the file, with its place. */
export type FileNode =
  /** `source` is the text as written: `1.10` is another version than `1.1`. */
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      readonly source: string;
      readonly at: Place;
    }
  | { readonly kind: 'list'; readonly items: readonly FileNode[]; readonly at: Place }
  | { readonly kind: 'map'; readonly entries: readonly FileEntry[]; readonly at: Place };

/** A key with its value. */
export interface FileEntry {
  readonly key: string;
  readonly at: Place;
  readonly value: FileNode;
}

/** A value as plain data. */
export function plainValue(node: FileNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    default:
      // From entries: `__proto__` is a name as any other.
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value)]));
  }
}
