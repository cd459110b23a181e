import type { AzureFault } from './stand-in-types.ts';

interface ActiveFault {
  readonly fault: AzureFault;
  toPass: number;
  left: number;
}

/** The faults in force. @internal */
export class FaultPlan {
  #faults: ActiveFault[] = [];

  add(fault: AzureFault): void {
    this.#faults.push({ fault, toPass: fault.after ?? 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The fault that hits a request. */
  next(method: string, url: string): AzureFault | undefined {
    for (const active of this.#faults) {
      if (active.left > 0 && matches(active.fault, method, url)) {
        if (active.toPass > 0) {
          active.toPass -= 1;
        } else {
          active.left -= 1;
          return active.fault;
        }
      }
    }
    return undefined;
  }
}

function matches(fault: AzureFault, method: string, url: string): boolean {
  if (fault.method !== undefined && fault.method !== method) {
    return false;
  }
  if (fault.url === undefined) {
    return true;
  }
  // A global expression remembers where it stopped; a copy does not.
  return typeof fault.url === 'string' ? url.includes(fault.url) : new RegExp(fault.url).test(url);
}
