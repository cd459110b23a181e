import { COLLECTING_RULES as RULES } from '../rules/collecting-rules.ts';
import { anyObject, type Json, strictList, strictText } from '../strict.ts';
import { passed, type Verdict } from '../verdict.ts';
import type { CollectingStore, WrittenBlob } from './collecting-store.ts';
import { NoSuchValue } from './js-input.ts';
import { type Played, playCollecting, replaceAll } from './play-collecting.ts';

/** What a case is compared by. */
interface Scene {
  readonly recorded: Json;
  readonly played: Played;
  /** Blobs of the recording by path; the day of the run is that of the fixed time. */
  readonly theirs: Map<string, WrittenBlob>;
  /** Blobs of ours by path, with the recorded ids. */
  readonly ours: Map<string, WrittenBlob>;
}

/** Plays a recording of the Python collector with the layout `python-v1`, and compares every returned value and byte. */
export async function runCollecting(content: unknown, store: CollectingStore): Promise<Verdict> {
  const recorded = anyObject(content, 'the case');
  const name = `${strictText(recorded['name'], 'name')}, written`;
  try {
    const played = await playCollecting(recorded, await store.begin());
    const day = strictText(anyObject(recorded['fixed'], 'fixed')['utcnow'], 'utcnow').slice(0, 10);
    const ours = new Map(
      [...(await store.blobs())].map(([path, blob]) => [
        path,
        { ...blob, bytes: Buffer.from(replaceAll(blob.bytes.toString('latin1'), played.ids), 'latin1') },
      ]),
    );
    const theirs = new Map(
      strictList(recorded['blobs'], 'blobs').map((blob) => readBlob(anyObject(blob, 'a blob'), day)),
    );
    const rules = new Set<string>();
    const lines = [...played.lines, ...compare({ recorded, played, theirs, ours }, rules)];
    if (played.inputs.some(({ hasTexts }) => hasTexts)) {
      rules.add(RULES.texts.id);
    }
    return lines.length === 0 ? passed(name, [...rules].sort()) : { name, outcome: 'failed', lines, rules: [] };
  } catch (error) {
    if (error instanceof NoSuchValue) {
      return { name, outcome: 'not run', lines: [error.message], rules: [] };
    }
    throw error;
  }
}

function readBlob(blob: Json, day: string): [string, WrittenBlob] {
  const path = strictText(blob['path'], 'path').replace('{today:yyyy/mm/dd}', day.replaceAll('-', '/'));
  const kinds = strictList(blob['blocks'], 'blocks').map((block) => strictList(block, 'block')[0] as string);
  return [
    path,
    {
      type: String(blob['blob_type']) === 'BlobType.BLOCKBLOB' ? 'BlockBlob' : String(blob['blob_type']),
      contentType: blob['content_type'] as string | undefined,
      blocks: kinds,
      uncommitted: Number(blob['uncommitted']),
      bytes: Buffer.from(strictText(blob['base64'], 'base64'), 'base64'),
    },
  ];
}

function compare({ recorded, played, theirs, ours }: Scene, rules: Set<string>): string[] {
  explainBlobs({ recorded, played, theirs, ours }, rules);
  const lines: string[] = [];
  for (const path of new Set([...theirs.keys(), ...ours.keys()])) {
    const [left, right] = [theirs.get(path), ours.get(path)];
    if (left === undefined || right === undefined) {
      lines.push(`${path} ${left === undefined ? 'was not recorded' : 'is missing'}: ${shown(left ?? right)}`);
    } else if (!left.bytes.equals(right.bytes)) {
      lines.push(`${path}: recorded ${shown(left)}, ours ${shown(right)}`);
    } else if (kindOf(left) !== kindOf(right)) {
      lines.push(`${path}: recorded ${kindOf(left)}, ours ${kindOf(right)}`);
    }
  }
  return lines;
}

/** The number of blocks of rows follows from the flush. */
function kindOf({ type, contentType, blocks, uncommitted }: WrittenBlob): string {
  const kinds = blocks.filter((kind, index) => kind !== blocks[index - 1]);
  return `${type} ${contentType} ${kinds.join(' ')} ${uncommitted}`;
}

/** Takes out what a rule explains. */
function explainBlobs(scene: Scene, rules: Set<string>): void {
  const { recorded, played, theirs, ours } = scene;
  const explain = (rule: { readonly id: string }, ...paths: string[]) => {
    rules.add(rule.id);
    for (const path of paths) {
      theirs.delete(path);
      ours.delete(path);
    }
  };
  const settings = anyObject(recorded['constructor'], 'constructor');
  const refusedName = played.refused !== undefined && /folder of the storage path/.test(played.refused);
  if (
    refusedName &&
    theirs.size === 0 &&
    /[/\\]/.test(
      Object.values(settings)
        .filter((value) => value !== settings['workspace'])
        .join(''),
    )
  ) {
    explain(RULES.unroutable);
  } else if (played.refused !== undefined) {
    ours.set('the constructor', { ...EMPTY, bytes: Buffer.from(played.refused) });
  }
  for (const path of [...theirs.keys()].filter((one) => one.endsWith('/aml_telemetry.csv'))) {
    explain(RULES.telemetry, path);
  }
  const records = played.inputs.filter(
    ({ how, value }) => how === 'auto' && typeof value === 'object' && value !== null,
  );
  for (const [path, blob] of [...theirs]) {
    const own = ours.get(path);
    const rows = rowsOf(blob);
    if (own === undefined && blob.blocks.every((kind) => kind === 'header')) {
      explain(RULES.headerOnly, path);
    } else if (own === undefined && /^[\r\n]+$/.test(rows)) {
      explain(RULES.emptyRow, path);
    } else if (own === undefined && isOtherWidth(blob) && played.receipts.some(({ reason }) => reason === 'invalid')) {
      explain(RULES.otherWidth, path);
    } else if (
      own !== undefined &&
      rows === '' &&
      own.bytes.toString().startsWith(blob.bytes.toString()) &&
      records.length > 0
    ) {
      explain(RULES.record, path);
    } else {
      explainMoved(scene, path, blob, explain);
    }
  }
  const enabled = anyObject(recorded['environment'], 'environment')['AML_MODEL_DC_STORAGE_ENABLED'];
  if (
    theirs.size === 0 &&
    ours.size > 0 &&
    typeof enabled === 'string' &&
    enabled !== 'true' &&
    /^true$/i.test(enabled)
  ) {
    explain(RULES.switchCase, ...ours.keys());
  }
  const designation = settings['designation'];
  const isFree = designation !== undefined && !DESIGNATIONS.has(designation);
  if (
    theirs.size === 0 &&
    ours.size > 0 &&
    isFree &&
    [...ours.keys()].every((path) => path.includes(`/${designation}/`))
  ) {
    explain(RULES.designation, ...ours.keys());
  }
}

/** Rows that stand elsewhere in ours, every one of them. */
function explainMoved(
  { theirs, ours }: Scene,
  path: string,
  blob: WrittenBlob,
  explain: (rule: { readonly id: string }, ...paths: string[]) => void,
): void {
  const beside = [...ours].filter(([other]) => other === path || isBeside(other, path));
  if (beside.length > 1) {
    // In the order in which they were given: the rows of each file stand together.
    const orders = [beside, [...beside].reverse()];
    const isSame = orders.some((order) => order.map(([, own]) => rowsOf(own)).join('') === rowsOf(blob));
    const hasHeader = beside.some(([, own]) => headerOf(own) === headerOf(blob));
    if (isSame && hasHeader) {
      explain(RULES.otherColumns, ...beside.map(([other]) => other));
    }
    return;
  }
  const moved = [...ours].filter(([other, own]) => !theirs.has(other) && own.bytes.equals(blob.bytes));
  const [only] = moved;
  if (only !== undefined && moved.length === 1 && !ours.has(path) && !blob.blocks.includes('header')) {
    explain(RULES.unnamedRoute, path, only[0]);
  }
}

const EMPTY: WrittenBlob = {
  type: undefined,
  contentType: undefined,
  blocks: [],
  uncommitted: 0,
  bytes: Buffer.alloc(0),
};
const DESIGNATIONS = new Set<unknown>(['default', 'inputs', 'predictions', 'labels', 'signals', 'general']);

function isBeside(other: string, path: string): boolean {
  const start = path.slice(0, -'.csv'.length);
  return other.startsWith(start) && /^-[0-9a-f]{8}\.csv$/.test(other.slice(start.length));
}

function headerOf({ blocks, bytes }: WrittenBlob): string {
  const text = bytes.toString();
  return blocks[0] === 'header' ? text.slice(0, text.indexOf('\r\n') + 2) : '';
}

function rowsOf(blob: WrittenBlob): string {
  return blob.bytes.toString().slice(headerOf(blob).length);
}

function isOtherWidth(blob: WrittenBlob): boolean {
  const count = (line: string) => line.split(',').length;
  return rowsOf(blob)
    .split(/\r?\n/)
    .filter(Boolean)
    .some((line) => count(line) !== count(headerOf(blob)));
}

function shown(blob: WrittenBlob | undefined): string {
  return JSON.stringify(blob?.bytes.toString()).slice(0, 600);
}
