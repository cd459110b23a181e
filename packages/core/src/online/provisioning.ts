import type { LongOperation } from '../azure/long-operation.ts';
import { isMoving, type ProvisioningState, stateOf } from './online-state.ts';

/** An endpoint or a deployment, and where it stands. */
export interface Provisioned {
  /** What it is called in texts. */
  readonly label: string;
  readonly state: ProvisioningState | undefined;
}

/**
 * The work of the service on some resources, seen by their provisioning states: for work that somebody else began.
 *
 * @param read Reads the resources.
 */
export function provisioningOperation(
  read: (abortSignal: AbortSignal) => Promise<readonly Provisioned[]>,
): LongOperation {
  return {
    id: undefined,
    poll: async (abortSignal) => {
      const parts = await read(abortSignal);
      const moving = parts.filter(({ state }) => isMoving(state));
      const failed = parts.filter(({ state }) => stateOf(state) === 'Failed');
      const tell = (some: readonly Provisioned[]) =>
        some.map(({ label, state }) => `${label} is ${state ?? 'not there yet'}`).join(', ');
      if (failed.length > 0 && failed.length + moving.length > 0 && moving.length === 0) {
        const code = failed.some(({ state }) => state === 'Failed') ? 'PROVISIONING_FAILED' : 'PROVISIONING_CANCELED';
        return { state: 'Failed', message: tell(failed), fault: { code, message: tell(failed) } };
      }
      return moving.length > 0
        ? { state: 'Running', message: tell(moving) }
        : { state: 'Succeeded', message: 'Succeeded' };
    },
  };
}
