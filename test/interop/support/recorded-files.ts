import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stream } from './collect.ts';

const RECORDINGS = fileURLToPath(new URL('../../golden/model-data-collector-v1', import.meta.url));
/** A day for the paths that have that of the recording. */
const TODAY = '2024/05/06';

/** A recording of the Python package: what went in, and every blob that came out. */
export interface Recording {
  readonly name: string;
  readonly constructor_error?: unknown;
  readonly calls?: readonly { readonly method: string; readonly input: { readonly typed?: unknown } | unknown }[];
  readonly blobs?: readonly { readonly path: string; readonly base64: string }[];
}

/** A recorded blob as a file. */
export interface RecordedFile {
  readonly name: string;
  readonly directory: string;
  /** Path in the container. */
  readonly path: string;
  /** The file. */
  readonly file: string;
  readonly recording: Recording;
  /** Whether the recording has no other file of rows. */
  readonly isOnly: boolean;
}

/** Writes the recorded blobs into folders of their own; none when there are no recordings. */
export function recordedFiles(folder: string): RecordedFile[] {
  if (!existsSync(RECORDINGS)) {
    return [];
  }
  return readdirSync(RECORDINGS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const recording = JSON.parse(readFileSync(join(RECORDINGS, name), 'utf8')) as RecordedFile['recording'];
      const blobs = (recording.blobs ?? []).filter(({ path }) => !path.endsWith('aml_telemetry.csv'));
      return blobs.map((blob, index): RecordedFile => {
        const path = blob.path.replace(/\{today:[^}]*\}/, TODAY);
        const directory = join(folder, `${recording.name} ${index}`);
        const file = join(directory, 'modeldata', path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, Buffer.from(blob.base64, 'base64'));
        return {
          name: blobs.length > 1 ? `${recording.name} ${index}` : recording.name,
          directory,
          path,
          file,
          recording,
          isOnly: blobs.length === 1,
        };
      });
    });
}

/** How the rows of a recording are opened. */
export function recordedOptions({ directory, path }: Pick<RecordedFile, 'directory' | 'path'>): Stream['open'] {
  const [subscriptionId = '', resourceGroup = '', workspaceName = '', webserviceName = '', ...rest] = path.split('/');
  const [modelName = '', modelVersion = '', designation = ''] = rest;
  return {
    storage: { directory },
    workspace: { subscriptionId, resourceGroup, workspaceName },
    webserviceName,
    modelName,
    modelVersion,
    designation,
    layout: 'python-v1',
  };
}
