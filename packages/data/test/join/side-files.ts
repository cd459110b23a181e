import { CollectedData } from '../../src/index.ts';
import { call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

/** Opens inputs and predictions of a folder. */
export async function openSides(
  directory: string,
  range: { from?: string; to?: string } = {},
): Promise<[CollectedData, CollectedData]> {
  const storage = { directory };
  return [
    await CollectedData.open({ ...stream, ...range, storage }),
    await CollectedData.open({ ...stream, ...range, storage, designation: 'predictions' }),
  ];
}

/** Rows of a day, written `value@id`; they are scored one millisecond after the other. */
export function dayFile(day: string, rows: readonly string[]): string {
  const line = (row: string, index: number) => {
    const [value, id = ''] = row.split('@');
    const time = new Date(Date.parse(`${day}T10:00:00Z`) + index).toISOString();
    return `${value},${call(id, time)}\n`;
  };
  return HEADER + rows.map(line).join('');
}

/** Stores two sides, by day; gives them opened. */
export async function storeSides(
  left: Readonly<Record<string, readonly string[]>>,
  right: Readonly<Record<string, readonly string[]>>,
): Promise<[CollectedData, CollectedData]> {
  const directory = await temporaryFolder();
  for (const [root, days] of [
    [ROOT, left],
    [ROOT.replace('inputs', 'predictions'), right],
  ] as const) {
    for (const [day, rows] of Object.entries(days)) {
      await writeFiles(directory, { [`${root}/${day.replaceAll('-', '/')}/data.csv`]: dayFile(day, rows) });
    }
  }
  return openSides(directory);
}
