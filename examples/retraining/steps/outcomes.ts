import { writeFile } from 'node:fs/promises';
import type { Patient } from './patients.ts';

/**
 * Writes what the hospital knows a year later, as such files are: in another order, some patients have moved away, one
 * outcome was corrected afterwards, and one patient was never scored.
 */
export async function writeOutcomes(file: string, patients: readonly Patient[]): Promise<void> {
  const stayed = patients.filter((_, index) => index % 20 !== 7).toReversed();
  const [first] = stayed;
  const lines = stayed.map(({ id, progression }, index) => `${id},${index === 0 ? 0 : progression}`);
  lines.push(`${first?.id},${first?.progression}`, 'patient-9999,120');
  await writeFile(file, `patient,progression\n${lines.join('\n')}\n`);
}
