import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A patient: what was measured at the start, and how far the disease had progressed a year later. */
export interface Patient {
  readonly id: string;
  readonly features: readonly number[];
  readonly progression: number;
}

/** The table of the diabetes example. */
export interface Patients {
  readonly featureNames: readonly string[];
  readonly all: readonly Patient[];
}

/** Reads the table; patients are numbered from 1. */
export function readPatients(example: string): Patients {
  const file = join(example, '..', 'diabetes', 'data', 'diabetes.csv');
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return {
    featureNames: header.split(',').slice(0, -1),
    all: lines.map((line, index) => {
      const values = line.split(',').map(Number);
      return {
        id: `patient-${String(index + 1).padStart(4, '0')}`,
        features: values.slice(0, -1),
        progression: values.at(-1) ?? Number.NaN,
      };
    }),
  };
}
