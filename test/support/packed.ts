import { join } from 'node:path';
import { ROOT } from './checkout.ts';
import { runNode } from './run.ts';

/** A package as it would be published. */
export interface Packed {
  /** The file that would be uploaded. */
  readonly tarball: string;
  /** Its content. */
  readonly folder: string;
}

/** Packs all packages, or returns what was packed before when nothing changed; by package name. */
export async function packAll(): Promise<Record<string, Packed>> {
  const { code, stdout, stderr } = await runNode([join(ROOT, 'scripts', 'pack.mjs')], { timeoutMs: 120_000 });
  if (code !== 0) {
    throw new Error(stderr);
  }
  return JSON.parse(stdout) as Record<string, Packed>;
}

/** Looks up what {@link packAll} made of one package. */
export function packedOf(packed: Record<string, Packed>, name: string): Packed {
  const found = packed[name];
  if (found === undefined) {
    throw new Error(`${name} was not packed.`);
  }
  return found;
}
