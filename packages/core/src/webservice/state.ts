/**
 * State of a service, in the words of the classic service: `Transitioning` (being created, or changing for an update),
 * `Healthy`, `Failed` (did not start), `Unhealthy` (was healthy, then stopped by itself), `Unschedulable` (no room in the
 * cluster now), `Deleting`, `Deleted`; a word that the service has and this list lacks is passed on as it is.
 */
export type WebserviceState =
  | 'Transitioning'
  | 'Healthy'
  | 'Unhealthy'
  | 'Failed'
  | 'Unschedulable'
  | 'Deleting'
  | 'Deleted'
  | (string & Record<never, never>);
