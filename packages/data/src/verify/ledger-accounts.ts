import { type LedgerEntry, type StreamIdentity, streamPrefix, type UtcDay } from '@azureml-ts/monitoring/format';
import { type Account, accountOf, droppedRows } from './account.ts';
import { counted, type FindingDraft, type Tell } from './finding.ts';
import { parseEntry } from './parse-entry.ts';

/** A ledger as it was found. */
export interface LedgerFile {
  readonly path: string;
  readonly day: UtcDay;
}

interface Entries {
  own: LedgerEntry | undefined;
  recovered: LedgerEntry | undefined;
}

/** Longest line that is kept: an entry has at most a thousand gaps. */
const MAX_LINE = 16_777_216;

/** The ledgers of a stream, read line by line: of each writer and day only what counts is kept. */
export class LedgerAccounts {
  readonly #stream: string;
  readonly #tell: Tell;
  readonly #days = new Map<UtcDay, Map<string, Entries>>();

  /**
   * @param stream The stream that the ledgers should be of.
   * @param tell Gets what is wrong with entries.
   */
  constructor(stream: StreamIdentity, tell: Tell) {
    this.#stream = streamPrefix(stream);
    this.#tell = tell;
  }

  /**
   * Reads a ledger.
   *
   * @param file The ledger.
   * @param pieces Its bytes.
   * @returns Number of its entries.
   */
  async read(file: LedgerFile, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    this.#writersOf(file.day);
    const decoder = new TextDecoder();
    const bad: string[] = [];
    let rest = '';
    let line = 0;
    let entries = 0;
    const take = (text: string): void => {
      line += 1;
      if (text === '') {
        return;
      }
      const parsed = parseEntry(text);
      if ('fault' in parsed) {
        bad.push(`line ${line}: ${parsed.fault}`);
      } else if (this.#isInPlace(file, line, parsed.entry)) {
        entries += 1;
        this.#add(file, line, parsed.entry);
      }
    };
    for await (const piece of pieces) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      rest = rest.length > MAX_LINE ? rest.slice(0, MAX_LINE) : rest;
      for (const text of lines) {
        take(text);
      }
    }
    take(rest + decoder.decode());
    if (bad.length > 0) {
      this.#tell({
        code: 'LEDGER_BAD_LINE',
        severity: 'warning',
        day: file.day,
        path: file.path,
        message: `${counted(bad.length, 'line')} of the ledger ${file.path} cannot be read (${bad.slice(0, 3).join('; ')}). A disk that was full leaves half a line; anything else was changed by hand. What the other lines say is judged without it.`,
        counts: { lines: bad.length },
      });
    }
    return entries;
  }

  /** The accounts of each day that has a ledger, by writer. */
  accounts(): Map<UtcDay, Map<string, Account>> {
    const days = [...this.#days].map(([day, writers]) => {
      const accounts = [...writers].flatMap(([writer, entries]) => {
        const account = accountOf(writer, day, entries);
        return account === undefined ? [] : ([[writer, account]] as const);
      });
      return [day, new Map(accounts)] as const;
    });
    return new Map(days);
  }

  #writersOf(day: UtcDay): Map<string, Entries> {
    let writers = this.#days.get(day);
    if (writers === undefined) {
      writers = new Map();
      this.#days.set(day, writers);
    }
    return writers;
  }

  /** An entry of another day says nothing about this one. One of another stream does, when everything was moved. */
  #isInPlace(file: LedgerFile, line: number, entry: LedgerEntry): boolean {
    const isOfDay = entry.day === file.day;
    const stream = streamPrefix(entry.stream);
    if (isOfDay && stream === this.#stream) {
      return true;
    }
    const what = isOfDay
      ? `is of the stream ${stream}: the folder was copied or renamed`
      : `is of ${entry.day}: it was put there by hand, and is not used`;
    this.#tell({
      ...about(file, entry),
      code: 'ENTRY_MISPLACED',
      severity: isOfDay ? 'warning' : 'error',
      message: `The entry in line ${line} of ${file.path} ${what}.`,
      counts: { line },
    });
    return isOfDay;
  }

  #add(file: LedgerFile, line: number, entry: LedgerEntry): void {
    const { collected, stored, pending, kind } = entry;
    const gone = droppedRows(entry);
    const sum = stored + pending + gone;
    // What another process computed for a dead writer may have more stored than its journal had counted.
    if (kind === 'recovered' ? collected > sum : collected !== sum) {
      this.#contradicts(
        file,
        line,
        entry,
        `collected ${collected}, but stored ${stored} + waiting ${pending} + dropped ${gone} is ${sum}`,
      );
    }
    const writers = this.#writersOf(file.day);
    const known: Entries = writers.get(entry.writer) ?? { own: undefined, recovered: undefined };
    writers.set(entry.writer, known);
    if (kind === 'recovered') {
      known.recovered = known.recovered === undefined || entry.entry >= known.recovered.entry ? entry : known.recovered;
      return;
    }
    const before = known.own;
    if (before !== undefined) {
      const [earlier, later] = entry.entry >= before.entry ? [before, entry] : [entry, before];
      const fallen = fallenCount(earlier, later);
      if (fallen !== undefined) {
        this.#contradicts(file, line, entry, `entry ${later.entry} has ${fallen}: counts never fall`);
      }
    }
    known.own = before === undefined || entry.entry >= before.entry ? entry : before;
  }

  #contradicts(file: LedgerFile, line: number, entry: LedgerEntry, what: string): void {
    const { collected, stored, pending } = entry;
    this.#tell({
      ...about(file, entry),
      code: 'ENTRY_CONTRADICTS',
      severity: 'error',
      message: `The entry of writer ${entry.writer} in line ${line} of ${file.path} contradicts: ${what}. It was changed since it was written; compare with a backup.`,
      counts: { line, collected, stored, pending, dropped: droppedRows(entry) },
    });
  }
}

function about(file: LedgerFile, entry: LedgerEntry): Pick<FindingDraft, 'day' | 'path' | 'writer'> {
  return { day: file.day, path: file.path, writer: entry.writer };
}

/** Names a count that is lower in the later of two entries; of two with the same number none may differ. */
function fallenCount(earlier: LedgerEntry, later: LedgerEntry): string | undefined {
  const counts = (entry: LedgerEntry): Readonly<Record<string, number | undefined>> => ({
    collected: entry.collected,
    stored: entry.stored,
    lastCall: entry.lastCall,
    ...Object.fromEntries(Object.entries(entry.dropped).map(([reason, count]) => [`dropped.${reason}`, count])),
  });
  const [before, after] = [counts(earlier), counts(later)];
  const isSame = earlier.entry === later.entry;
  for (const [name, count = 0] of Object.entries(before)) {
    const now = after[name] ?? (name === 'lastCall' ? count : 0);
    if (now < count || (isSame && now !== count)) {
      return `${name} ${now} after ${count}`;
    }
  }
  return undefined;
}
