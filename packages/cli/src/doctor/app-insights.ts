import type { Check } from './context.ts';
import { skipped } from './finding.ts';

const NAME = 'app-insights';

/** Whether the workspace has an Application Insights resource. */
export const appInsightsCheck: Check = {
  name: NAME,
  async look({ details }) {
    if (details === undefined) {
      return [skipped(NAME, 'the workspace could not be read')];
    }
    const { applicationInsights } = details;
    if (!applicationInsights) {
      return [
        {
          check: NAME,
          status: 'warn',
          message: 'the workspace has no Application Insights resource, so enableAppInsights has nowhere to send to',
          fix: 'Make one and attach it to the workspace: az ml workspace update --application-insights ID.',
        },
      ];
    }
    return [{ check: NAME, status: 'ok', message: `${applicationInsights.split('/').at(-1)}` }];
  },
};
