import { createHash, randomUUID } from 'node:crypto';
import { utcDay } from '../format/blob-path.ts';
import type { NamedDocument, SpillDocument } from './spill-document.ts';

/** Name of the folder beside those of the models. */
export const TRACES_FOLDER = 'traces';

/** Longest part of a file's name that comes from a request id, in characters. */
const MAX_ID_CHARACTERS = 100;
const SHORT_HASH = 8;

const ENDINGS: Readonly<Record<string, string>> = { 'application/json': 'json' };

/**
 * Finds where a document goes: `<prefix>traces/<yyyy>/<mm>/<dd>/<request id>-<first 8 digits of the sha256>.json`, by the
 * UTC day of its time; a random id in place of a request id that is not there, `.txt` when it is no JSON. Should another
 * document be there, the whole hash stands in the name.
 *
 * @param prefix Folders of the service, with a slash at the end.
 * @param document The document.
 */
export function nameDocument(prefix: string, document: SpillDocument): NamedDocument {
  const sha256 = createHash('sha256').update(document.content).digest('hex');
  const folder = `${prefix}${TRACES_FOLDER}/${utcDay(document.time).replaceAll('-', '/')}/`;
  const ending = ENDINGS[document.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''] ?? 'txt';
  const id = fileNamePart(document.requestId ?? '') || randomUUID();
  const paths = [sha256.slice(0, SHORT_HASH), sha256].map((hash) => `${folder}${id}-${hash}.${ending}`);
  return { ...document, sha256, paths };
}

/** Callers choose request ids: what could be a folder, or means something in a URL, becomes `_`. */
function fileNamePart(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, MAX_ID_CHARACTERS);
}
