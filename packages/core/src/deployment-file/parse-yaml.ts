import type { Node, Pair } from 'yaml';
import type { DeploymentFileFault } from './deployment-file-error.ts';
import type { FileEntry, FileNode, Place } from './file-node.ts';

/** More values than any deployment needs: aliases of aliases would make millions. */
const MOST_VALUES = 10_000;

/** What {@link parseYaml} found. */
export interface ParsedYaml {
  /** The outermost value; `undefined` when the file is empty or broken. */
  readonly root: FileNode | undefined;
  readonly faults: readonly DeploymentFileFault[];
}

/** Reads a YAML (or JSON) text with the place of everything in it. */
export async function parseYaml(text: string): Promise<ParsedYaml> {
  // Loaded with the first file.
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults: DeploymentFileFault[] = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    path: '',
    ...placeAt(pos[0]),
    message: `is not YAML: ${message}`,
  }));
  if (faults.length > 0 || document.contents === null) {
    return { root: undefined, faults };
  }
  let count = 0;
  const above: Node[] = [];
  const fault = (at: Place, message: string) => {
    faults.push({ path: '', ...at, message });
    return { kind: 'scalar', value: null, source: '', at } as const;
  };
  const convert = (node: Node | null | undefined, nearby: Place): FileNode => {
    const at = node?.range ? placeAt(node.range[0]) : nearby;
    count += 1;
    if (count === MOST_VALUES) {
      return fault(at, `has more than ${MOST_VALUES} values; aliases count as often as they are used`);
    }
    if (node === null || node === undefined || count > MOST_VALUES) {
      return { kind: 'scalar', value: null, source: '', at };
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      return target === undefined || above.includes(target)
        ? fault(at, `*${node.source} is an alias of itself, or of nothing`)
        : convert(target, at);
    }
    if (isScalar(node)) {
      const value: unknown = node.value;
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
        ? { kind: 'scalar', value, source: node.source ?? String(value), at }
        : fault(at, 'must be a text, a number, true or false');
    }
    above.push(node);
    try {
      if (isSeq(node)) {
        return { kind: 'list', items: node.items.map((item) => convert(item as Node, at)), at };
      }
      if (isMap(node)) {
        return { kind: 'map', entries: node.items.flatMap((pair) => entry(pair as Pair<Node, Node | null>, at)), at };
      }
    } finally {
      above.pop();
    }
    return fault(at, 'cannot be read');
  };
  const entry = ({ key, value }: Pair<Node, Node | null>, nearby: Place): FileEntry[] => {
    const at = key?.range ? placeAt(key.range[0]) : nearby;
    if (!isScalar(key)) {
      fault(at, 'has a key that is no text');
      return [];
    }
    return [{ key: typeof key.value === 'string' ? key.value : (key.source ?? ''), at, value: convert(value, at) }];
  };
  const root = convert(document.contents as Node, { line: 1, column: 1 });
  return { root: faults.length > 0 ? undefined : root, faults };
}
