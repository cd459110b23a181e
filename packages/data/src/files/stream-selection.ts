import { pythonStreamPrefix, type StreamIdentity, streamPrefix } from '@azureml-ts/monitoring/format';

/**
 * How files are called and where they stand.
 *
 * | layout | files of a day | written by |
 * |---|---|---|
 * | `documented` | `data.csv`, `data-2.csv`, `data-<schema>.csv`, `data-r<instance>.csv` | this library, and the first releases of the Python package |
 * | `python-v1` | `inputs.csv`, `predictions.csv`, `labels.csv`; `<collection>.csv` for other designations; below a folder for each hour where that was set | the Python package azureml-monitoring |
 * | `json-lines` | `<hour>/<instance>.jsonl`, in other folders and mostly another container than those above | the collection of Azure ML's online endpoints, and the `Collector` of this library |
 */
export type FileLayout = 'documented' | 'python-v1' | 'json-lines';

/** Which versions of the model: exact ones, or what is to be found. */
export type VersionChoice = 'all' | 'newest' | readonly string[];

/** Which files to find. A plain identity means its one version, in both layouts. */
export interface StreamSelection extends StreamIdentity {
  /** Which versions, in place of `modelVersion`. */
  readonly versions?: VersionChoice | undefined;
  /** Which layouts; default `documented` and `python-v1`. */
  readonly layout?: FileLayout | 'auto' | undefined;
  /** Of `json-lines`: the folder of the collection, with a slash at the end. */
  readonly folder?: string | undefined;
}

/** A folder in which files of a stream may stand. */
export interface StreamRoot {
  /** Its path, with a slash at the end. */
  readonly prefix: string;
  /** Layouts that are looked for there. */
  readonly layouts: readonly FileLayout[];
  /** What gives the folders of the path, for messages; default: the names of the workspace and so on. */
  readonly levels?: readonly string[] | undefined;
}

/**
 * The folders in which the files of one version stand: the one that is named as given, and the one with the workspace in
 * lower case when that is another, because the Python package writes it so.
 */
export function streamRoots(selection: StreamSelection): StreamRoot[] {
  const { layout = 'auto' } = selection;
  if (layout === 'json-lines') {
    return [collectionRoot(selection.folder ?? '')];
  }
  const given: StreamRoot = {
    prefix: streamPrefix(selection),
    layouts: layout === 'auto' ? CSV_LAYOUTS : [layout],
  };
  const lowered = pythonStreamPrefix(selection);
  return layout === 'documented' || lowered === given.prefix
    ? [given]
    : [given, { prefix: lowered, layouts: ['python-v1'] }];
}

/** The layouts whose files are CSV, and which are found by the same names. */
export const CSV_LAYOUTS: readonly FileLayout[] = ['documented', 'python-v1'];

/** Folder in the default container of a workspace below which Azure ML keeps what online endpoints collect. */
export const COLLECTION_FOLDER = 'modelDataCollector';

/** The folder of a collection of that name, with a slash at the end. */
export function collectionFolder(names: Pick<StreamIdentity, 'webserviceName' | 'modelName' | 'designation'>): string {
  return `${[COLLECTION_FOLDER, names.webserviceName, names.modelName, names.designation].join('/')}/`;
}

/** The folder of a collection, and where its names come from. */
function collectionRoot(prefix: string): StreamRoot {
  const depth = prefix.split('/').length - 1;
  const levels =
    depth === 4 && prefix.startsWith(`${COLLECTION_FOLDER}/`)
      ? ['storage and container', 'endpointName', 'deploymentName', 'collectionName']
      : Array.from({ length: depth }, () => 'path');
  return { prefix, layouts: ['json-lines'], levels };
}

/** The folder that holds a folder. */
export function parentPrefix(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
}
