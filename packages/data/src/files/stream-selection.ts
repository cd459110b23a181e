import { pythonStreamPrefix, type StreamIdentity, streamPrefix } from '@azureml-ts/monitoring/format';

/**
 * How files are called and where they stand.
 *
 * | layout | files of a day | written by |
 * |---|---|---|
 * | `documented` | `data.csv`, `data-2.csv`, `data-<schema>.csv`, `data-r<instance>.csv` | this library, and the first releases of the Python package |
 * | `python-v1` | `inputs.csv`, `predictions.csv`, `labels.csv`; `<collection>.csv` for other designations; below a folder for each hour where that was set | the Python package azureml-monitoring |
 */
export type FileLayout = 'documented' | 'python-v1';

/** Which versions of the model: exact ones, or what is to be found. */
export type VersionChoice = 'all' | 'newest' | readonly string[];

/** Which files to find. A plain identity means its one version, in both layouts. */
export interface StreamSelection extends StreamIdentity {
  /** Which versions, in place of `modelVersion`. */
  readonly versions?: VersionChoice | undefined;
  /** Which layouts; default both. */
  readonly layout?: FileLayout | 'auto' | undefined;
}

/** A folder in which files of a stream may stand. */
export interface StreamRoot {
  /** Its path, with a slash at the end. */
  readonly prefix: string;
  /** Layouts that are looked for there. */
  readonly layouts: readonly FileLayout[];
}

/**
 * The folders in which the files of one version stand: the one that is named as given, and the one with the workspace in
 * lower case when that is another, because the Python package writes it so.
 */
export function streamRoots(selection: StreamSelection): StreamRoot[] {
  const { layout = 'auto' } = selection;
  const given: StreamRoot = {
    prefix: streamPrefix(selection),
    layouts: layout === 'auto' ? ['documented', 'python-v1'] : [layout],
  };
  const lowered = pythonStreamPrefix(selection);
  return layout === 'documented' || lowered === given.prefix
    ? [given]
    : [given, { prefix: lowered, layouts: ['python-v1'] }];
}

/** The folder that holds a folder. */
export function parentPrefix(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
}
