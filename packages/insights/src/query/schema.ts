import type { LogsSchema } from './target.ts';

/** Names of tables and columns. @internal */
export interface LogsNames {
  readonly traces: string;
  readonly requests: string;
  readonly dependencies: string;
  readonly exceptions: string;
  readonly time: string;
  /** The message. */
  readonly message: string;
  readonly severity: string;
  readonly properties: string;
  readonly operationId: string;
  readonly parentId: string;
  readonly roleName: string;
  readonly roleInstance: string;
  /** How many items this one stands for, when some were sampled out. */
  readonly itemCount: string;
  /** An expression: not every workspace has the column. */
  readonly itemId: string;
  /** The name. */
  readonly name: string;
  readonly duration: string;
  readonly success: string;
  readonly resultCode: string;
  readonly target: string;
  readonly dependencyType: string;
  readonly exceptionType: string;
  readonly outerMessage: string;
  readonly innermostMessage: string;
  readonly problemId: string;
  readonly details: string;
}

// Source: the tables of Application Insights, and the reference of the tables App... of a Log Analytics workspace.
const NAMES: Readonly<Record<LogsSchema, LogsNames>> = {
  component: {
    traces: 'traces',
    requests: 'requests',
    dependencies: 'dependencies',
    exceptions: 'exceptions',
    time: 'timestamp',
    message: 'message',
    severity: 'severityLevel',
    properties: 'customDimensions',
    operationId: 'operation_Id',
    parentId: 'operation_ParentId',
    roleName: 'cloud_RoleName',
    roleInstance: 'cloud_RoleInstance',
    itemCount: 'itemCount',
    itemId: 'itemId',
    name: 'name',
    duration: 'duration',
    success: 'success',
    resultCode: 'resultCode',
    target: 'target',
    dependencyType: 'type',
    exceptionType: 'type',
    outerMessage: 'outerMessage',
    innermostMessage: 'innermostMessage',
    problemId: 'problemId',
    details: 'details',
  },
  workspace: {
    traces: 'AppTraces',
    requests: 'AppRequests',
    dependencies: 'AppDependencies',
    exceptions: 'AppExceptions',
    time: 'TimeGenerated',
    message: 'Message',
    severity: 'SeverityLevel',
    properties: 'Properties',
    operationId: 'OperationId',
    parentId: 'ParentId',
    roleName: 'AppRoleName',
    roleInstance: 'AppRoleInstance',
    itemCount: 'ItemCount',
    itemId: 'column_ifexists("_ItemId", "")',
    name: 'Name',
    duration: 'DurationMs',
    success: 'Success',
    resultCode: 'ResultCode',
    target: 'Target',
    dependencyType: 'DependencyType',
    exceptionType: 'ExceptionType',
    outerMessage: 'OuterMessage',
    innermostMessage: 'InnermostMessage',
    problemId: 'ProblemId',
    details: 'Details',
  },
};

/** The names of a schema. @internal */
export function namesOf(schema: LogsSchema): LogsNames {
  return NAMES[schema];
}
