import { hostname } from 'node:os';
import { isProcessAlive } from '@azureml-ts/common';
import { nodeCrypto } from '../../node-modules.ts';

const NAME = /^(\d{13})-(\d{1,7})-(\d{1,12})-([0-9a-f]{12})\.(items|(?:part|taken)-([0-9a-f]{8})-(\d{1,10})-(\d{13}))$/;
/** A process whose start is this near is the same one: each copy of the package reckons it anew. */
const SAME_START_MS = 5000;

const startedAt = Math.round(Date.now() - process.uptime() * 1000);

/** A file of the spool, as its name tells. The name is all that others need to know of it. @internal */
export interface SpoolFile {
  readonly name: string;
  /** Tells it from all others, whoever holds it. */
  readonly id: string;
  readonly createdAt: number;
  readonly count: number;
  readonly bytes: number;
  /** `items`: for whoever comes first. `part`: being written. `taken`: being sent. */
  readonly state: 'items' | 'part' | 'taken';
  /** Whether the process that holds it has surely ended. */
  readonly isLeft: boolean;
}

/** Reads the name of a file; `undefined` when it is none of the spool. @internal */
export function readSpoolName(name: string): SpoolFile | undefined {
  const [, created, count, bytes, random, state = '', holder, pid, start] = NAME.exec(name) ?? [];
  if (created === undefined) {
    return undefined;
  }
  return {
    name,
    id: `${created}-${count}-${bytes}-${random}`,
    createdAt: Number(created),
    count: Number(count),
    bytes: Number(bytes),
    state: state.startsWith('part') ? 'part' : state.startsWith('taken') ? 'taken' : 'items',
    isLeft: holder === thisHost() && hasEnded(Number(pid), Number(start)),
  };
}

/** The name of a new file, without its end. @internal */
export function newSpoolId(now: number, count: number, bytes: number): string {
  const created = String(Math.max(0, Math.round(now))).padStart(13, '0');
  return `${created}-${count}-${bytes}-${nodeCrypto().randomBytes(6).toString('hex')}`;
}

/** The name of a file that is there for whoever comes first. @internal */
export function freeName(id: string): string {
  return `${id}.items`;
}

/** The name of a file that this process holds. @internal */
export function heldName(id: string, state: 'part' | 'taken'): string {
  return `${id}.${state}-${thisProcess()}`;
}

/** This process in the name of a file that it holds. */
function thisProcess(): string {
  return `${thisHost()}-${process.pid}-${String(startedAt).padStart(13, '0')}`;
}

let host: string | undefined;

/** This machine or container in the name of a file. */
function thisHost(): string {
  host ??= nodeCrypto().createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  return host;
}

/** On this machine or container; elsewhere the age of its hold must tell. */
function hasEnded(pid: number, start: number): boolean {
  if (pid === process.pid) {
    // The first process of a container has the same number at each start.
    return Math.abs(start - startedAt) > SAME_START_MS;
  }
  return !isProcessAlive(pid);
}
