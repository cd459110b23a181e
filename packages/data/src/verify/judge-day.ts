import type { UtcDay } from '@azureml-ts/monitoring/format';
import { type Account, isSettled } from './account.ts';
import { counted, type FindingDraft, type Tell } from './finding.ts';
import { type DayRows, WriterRows } from './found-rows.ts';

/** Rows of a day, and whose they are. */
export interface DayShares {
  /** By writer: of the rows with ids of other calls, those that can only be its own. */
  readonly others: ReadonlyMap<string, number>;
  /** Rows with ids of other calls that cannot be given to one writer. */
  readonly shared: number;
  /** Whether everything that was stored was found, and nothing else. */
  readonly agrees: boolean;
}

/** How many rows with ids of other calls are a writer's, as far as is known. */
interface Need {
  readonly account: Account;
  /** The rows with its own ids. */
  readonly own: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Compares the counts of a day with the rows that were found.
 *
 * Rows with ids of a writer are its own. Those with ids of other calls (predictions carry the ids of their inputs) say
 * nothing of who stored them: of these only the sum can be compared.
 *
 * @param day The day.
 * @param accounts What the ledger says, by writer.
 * @param found The rows.
 * @param tell Gets what differs.
 */
export function judgeDay(day: UtcDay, accounts: ReadonlyMap<string, Account>, found: DayRows, tell: Tell): DayShares {
  let agrees = true;
  const report = (finding: Omit<FindingDraft, 'day'>): void => {
    agrees &&= finding.severity !== 'error';
    tell({ day, ...finding });
  };
  const needs = [...accounts.values()].map((account) => needOf(account, found, report));
  const own = needs.reduce((sum, need) => sum + need.own, 0);
  const others = found.rows - own;
  const least = needs.reduce((sum, need) => sum + need.least, 0);
  const most = needs.reduce((sum, need) => sum + need.most, 0);
  if (others < least) {
    tellMissing(needs, least - others, others, report);
  } else if (others > most) {
    tellTooMany(accounts, found, others - most, most, report);
  } else if (others > least && needs.every(({ account }) => isSettled(account) || account.otherIds === 0)) {
    report({
      code: 'ROWS_WITHOUT_LEDGER',
      severity: 'warning',
      message: `${counted(others - least, 'row')} of ${day} have ids of writers that the ledger does not know (${unknownNames(accounts, found)}). A writer that is still open may have stored them since its last entry: verify again when it has closed.`,
      counts: { rows: others - least },
    });
  }
  return share(needs, others, least, agrees);
}

function needOf(account: Account, found: DayRows, report: (finding: Omit<FindingDraft, 'day'>) => void): Need {
  const { writer, state, stored, pending, otherIds, day } = account;
  const rows = found.writers.get(writer) ?? new WriterRows();
  const most = state === 'open' ? Number.POSITIVE_INFINITY : stored + pending;
  let own = rows.rows;
  if (rows.givenUpRows > 0 && own > stored) {
    const failed = Math.min(rows.givenUpRows, own - stored);
    report({
      code: 'FAILED_ROWS_FOUND',
      severity: 'warning',
      writer,
      message: `${counted(failed, 'row')} that writer ${writer} gave up on ${day} are stored all the same: the answer of the store was lost, and there was no journal to try again from. Nothing is to be done.`,
      counts: { rows: failed },
    });
    own -= failed;
  }
  if (own > most) {
    report({
      code: 'ROWS_TOO_MANY',
      severity: 'error',
      writer,
      message: `There are ${counted(own, 'row')} of writer ${writer} on ${day}, but ${most} were stored: ${own - most} too many. Lines were doubled, or a file was copied within the folder; look for findings with a path, and take them out.`,
      counts: { stored, found: own, tooMany: own - most },
    });
  }
  // Where it is known how many of its rows may have other ids, the rest must have its own.
  const lacking = otherIds === undefined ? 0 : Math.max(0, stored - otherIds - own);
  if (lacking > 0) {
    report(missing(account, own, lacking));
  }
  return {
    account,
    own: rows.rows,
    least: Math.max(0, stored - own - lacking),
    most: Math.max(0, most - own - lacking),
  };
}

function missing(account: Account, found: number, count: number): Omit<FindingDraft, 'day'> {
  const { writer, day, stored, state } = account;
  return {
    code: 'ROWS_MISSING',
    severity: 'error',
    writer,
    message: `The ledger says that writer ${writer} (${state}) stored ${counted(stored, 'row')} on ${day}, but ${found} were found: ${count} missing. Look for a file that was cut, renamed or removed (findings with a path), and take it from a backup.`,
    counts: { stored, found, missing: count },
  };
}

function tellMissing(
  needs: readonly Need[],
  count: number,
  others: number,
  report: (finding: Omit<FindingDraft, 'day'>) => void,
): void {
  const lacking = needs.filter(({ least }) => least > 0);
  const [first] = lacking;
  if (first !== undefined && (lacking.length === 1 || others === 0)) {
    for (const { account, own, least } of lacking) {
      report(missing(account, own + others, least - others));
    }
    return;
  }
  const stored = lacking.reduce((sum, { account }) => sum + account.stored, 0);
  report({
    code: 'ROWS_MISSING',
    severity: 'error',
    message: `The ledger says that ${lacking.length} writers stored ${counted(stored, 'row')} on ${first?.account.day}, but ${count} of them are missing. Whose they are cannot be told: rows with ids of other calls do not say who stored them. Look for a file that was cut, renamed or removed, and take it from a backup.`,
    counts: { stored, found: stored - count, missing: count, writers: lacking.length },
  });
}

function tellTooMany(
  accounts: ReadonlyMap<string, Account>,
  found: DayRows,
  count: number,
  most: number,
  report: (finding: Omit<FindingDraft, 'day'>) => void,
): void {
  if (most === 0) {
    report({
      code: 'ROWS_WITHOUT_LEDGER',
      severity: 'error',
      message: `${counted(count, 'row')} have ids of writers that the ledger of the day does not know (${unknownNames(accounts, found)}). Their entries were removed or never written, or the rows are of another stream.`,
      counts: { rows: count },
    });
    return;
  }
  report({
    code: 'ROWS_TOO_MANY',
    severity: 'error',
    message: `There are ${counted(found.rows, 'row')}, ${count} more than all writers of the day have stored. Lines were doubled, or a file was copied within the folder; look for findings with a path, and take them out.`,
    counts: { stored: found.rows - count, found: found.rows, tooMany: count },
  });
}

function unknownNames(accounts: ReadonlyMap<string, Account>, found: DayRows): string {
  const names = [...found.writers.keys()].filter((name) => !accounts.has(name)).sort();
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? `, and ${names.length - 5} more` : '');
  return shown === '' ? 'ids that no collector gives' : shown;
}

/** Gives rows with ids of other calls to the writers that must have stored them, when there is only one way to do so. */
function share(needs: readonly Need[], others: number, least: number, agrees: boolean): DayShares {
  const takers = needs.filter(({ most }) => most > 0);
  const [only] = takers;
  if (others === least) {
    return { others: new Map(needs.map(({ account, least: rows }) => [account.writer, rows])), shared: 0, agrees };
  }
  if (only !== undefined && takers.length === 1) {
    const rows = Math.min(others, only.most);
    return { others: new Map([[only.account.writer, rows]]), shared: others - rows, agrees };
  }
  return { others: new Map(), shared: others, agrees };
}
