import { availableParallelism } from 'node:os';

/** The machine in general terms, as readers of a figure need it. */
export function machine(): string {
  const cores = availableParallelism();
  return `${cores} ${cores === 1 ? 'core' : 'cores'} of ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}
