import { appInsightsCheck } from './app-insights.ts';
import { clockCheck } from './clock.ts';
import { configCheck } from './config.ts';
import type { Check, DoctorContext } from './context.ts';
import { deploymentsCheck } from './deployments.ts';
import { type Finding, failedFinding } from './finding.ts';
import { lastRowCheck } from './last-row.ts';
import { permissionsCheck } from './permissions.ts';
import { serviceCheck } from './service.ts';
import { signInCheck } from './sign-in.ts';
import { storageCheck } from './storage.ts';
import { switchesCheck } from './switches.ts';
import { workspaceCheck } from './workspace.ts';

/** All checks, in the order in which they build on each other. */
export const CHECKS: readonly Check[] = [
  configCheck,
  signInCheck,
  clockCheck,
  workspaceCheck,
  appInsightsCheck,
  storageCheck,
  serviceCheck,
  permissionsCheck,
  deploymentsCheck,
  switchesCheck,
  lastRowCheck,
];

/** Makes all checks, one after the other, and gives each finding as soon as it is there. */
export async function* examine(context: DoctorContext, checks = CHECKS): AsyncGenerator<Finding> {
  for (const check of checks) {
    context.io.abortSignal?.throwIfAborted();
    let findings: readonly Finding[];
    try {
      findings = await check.look(context);
    } catch (error) {
      findings = [failedFinding(check.name, error, 'This check itself failed; please report it.')];
    }
    // What failed because of Ctrl-C is no finding.
    context.io.abortSignal?.throwIfAborted();
    yield* findings;
  }
}
