import type { CellType } from '../rows/cell-types.ts';

/** What a declared type is called in each engine. */
interface EngineTypes {
  /** In Spark, and in the script for pandas. */
  readonly python: string;
  /** In DuckDB. */
  readonly sql: string;
  /** In Power Query. */
  readonly m: string;
}

/** What declared types are called in the engines. A `date` is a point in time. */
export const ENGINE_TYPES: Readonly<Record<CellType, EngineTypes>> = {
  string: { python: 'string', sql: 'VARCHAR', m: 'type text' },
  number: { python: 'double', sql: 'DOUBLE', m: 'type number' },
  boolean: { python: 'boolean', sql: 'BOOLEAN', m: 'type logical' },
  // Written in UTC; DuckDB reads the time as it stands.
  date: { python: 'timestamp', sql: 'TIMESTAMP', m: 'type datetimezone' },
  bigint: { python: 'bigint', sql: 'BIGINT', m: 'Int64.Type' },
};
