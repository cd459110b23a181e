import type { TelemetryItem } from '../telemetry/item.ts';
import { type KqlType, type Row, timeOf, timeOfDate } from './kql/values.ts';

/** Tables of telemetry. */
export type LogsTableName = 'traces' | 'requests' | 'dependencies' | 'exceptions';

/** A column: its name in a component, its name in a workspace, its type. */
type Column = readonly [component: string, workspace: string, type: KqlType];

const SHARED: readonly Column[] = [
  ['timestamp', 'TimeGenerated', 'datetime'],
  ['customDimensions', 'Properties', 'dynamic'],
  ['customMeasurements', 'Measurements', 'dynamic'],
  ['operation_Name', 'OperationName', 'string'],
  ['operation_Id', 'OperationId', 'string'],
  ['operation_ParentId', 'ParentId', 'string'],
  ['cloud_RoleName', 'AppRoleName', 'string'],
  ['cloud_RoleInstance', 'AppRoleInstance', 'string'],
  ['sdkVersion', 'SDKVersion', 'string'],
  ['iKey', 'IKey', 'string'],
  ['itemId', '_ItemId', 'string'],
  ['itemCount', 'ItemCount', 'int'],
];

const CALL: readonly Column[] = [
  ['id', 'Id', 'string'],
  ['name', 'Name', 'string'],
  ['success', 'Success', 'bool'],
  ['resultCode', 'ResultCode', 'string'],
  ['duration', 'DurationMs', 'real'],
];

/** Source: the columns of Application Insights, and the reference of the tables App... of a Log Analytics workspace. */
const COLUMNS: Readonly<Record<LogsTableName, readonly Column[]>> = {
  traces: [...SHARED, ['message', 'Message', 'string'], ['severityLevel', 'SeverityLevel', 'int']],
  requests: [...SHARED, ...CALL, ['source', 'Source', 'string'], ['url', 'Url', 'string']],
  dependencies: [
    ...SHARED,
    ...CALL,
    ['target', 'Target', 'string'],
    ['type', 'DependencyType', 'string'],
    ['data', 'Data', 'string'],
  ],
  exceptions: [
    ...SHARED,
    ['problemId', 'ProblemId', 'string'],
    ['type', 'ExceptionType', 'string'],
    ['outerMessage', 'OuterMessage', 'string'],
    ['innermostMessage', 'InnermostMessage', 'string'],
    ['severityLevel', 'SeverityLevel', 'int'],
    ['details', 'Details', 'dynamic'],
  ],
};

const WORKSPACE_TABLES: Readonly<Record<string, LogsTableName>> = {
  AppTraces: 'traces',
  AppRequests: 'requests',
  AppDependencies: 'dependencies',
  AppExceptions: 'exceptions',
};

const TABLE_OF_KIND: Readonly<Record<string, LogsTableName>> = {
  MessageData: 'traces',
  RequestData: 'requests',
  RemoteDependencyData: 'dependencies',
  ExceptionData: 'exceptions',
};

const SEVERITIES = ['Verbose', 'Information', 'Warning', 'Error', 'Critical'];

/** Which names tables and columns have. @internal */
export type LogsSchema = 'component' | 'workspace';

/** The table that a name means. @internal */
export function tableNamed(name: string, schema: LogsSchema): LogsTableName | undefined {
  if (schema === 'workspace') {
    return Object.hasOwn(WORKSPACE_TABLES, name) ? WORKSPACE_TABLES[name] : undefined;
  }
  return Object.hasOwn(COLUMNS, name) ? (name as LogsTableName) : undefined;
}

/** The columns of a table as one schema has them. @internal */
export function columnsOf(table: LogsTableName, schema: LogsSchema): Map<string, KqlType> {
  return new Map(
    COLUMNS[table].map(([component, workspace, type]) =>
      // The words True and False in a component, values in a workspace.
      schema === 'component' ? [component, component === 'success' ? 'string' : type] : [workspace, type],
    ),
  );
}

/** A row with the names of one schema. @internal */
export function rowIn(table: LogsTableName, schema: LogsSchema, row: Row): Row {
  return Object.fromEntries(
    COLUMNS[table].map(([component, workspace]) => {
      const value = row[component];
      if (schema === 'workspace') {
        return [workspace, value];
      }
      return [component, component === 'success' ? (value === true ? 'True' : 'False') : value];
    }),
  );
}

/** The table and row that a telemetry item becomes; `undefined` for kinds without a table here. @internal */
export function rowOfItem(item: TelemetryItem, itemId: string): { table: LogsTableName; row: Row } | undefined {
  const table = TABLE_OF_KIND[item.baseType];
  if (table === undefined) {
    return undefined;
  }
  const { data, tags } = item;
  const shared = {
    timestamp: timeOf(item.time) ?? null,
    customDimensions: item.properties,
    customMeasurements: data['measurements'] ?? {},
    operation_Name: tags['ai.operation.name'] ?? '',
    operation_Id: tags['ai.operation.id'] ?? '',
    operation_ParentId: tags['ai.operation.parentId'] ?? '',
    cloud_RoleName: tags['ai.cloud.role'] ?? '',
    cloud_RoleInstance: tags['ai.cloud.roleInstance'] ?? '',
    sdkVersion: tags['ai.internal.sdkVersion'] ?? '',
    iKey: item.iKey,
    itemId,
    itemCount: Math.round(100 / item.sampleRate),
  };
  return { table, row: { ...shared, ...ownColumns(table, data) } };
}

/** The row that a test gives, with what it leaves out. @internal */
export function rowOfColumns(table: LogsTableName, given: Readonly<Record<string, unknown>>, itemId: string): Row {
  const types = new Map(COLUMNS[table].map(([name, , type]) => [name, type]));
  const defaults = Object.fromEntries(
    [...types].map(([name, type]) => [name, type === 'string' ? '' : type === 'dynamic' ? {} : null]),
  );
  const unknown = Object.keys(given).find((name) => !types.has(name));
  if (unknown !== undefined) {
    throw new TypeError(`The table ${table} has no column ${unknown}; it has ${[...types.keys()].join(', ')}`);
  }
  const { timestamp } = given;
  const time = timestamp instanceof Date ? timeOfDate(timestamp) : timeOf(String(timestamp ?? ''));
  return { ...defaults, itemCount: 1, itemId, ...given, timestamp: time ?? timeOfDate(new Date()) };
}

function ownColumns(table: LogsTableName, data: TelemetryItem['data']): Row {
  switch (table) {
    case 'traces':
      return { message: data['message'] ?? '', severityLevel: levelOf(data['severityLevel']) };
    case 'requests':
      return { ...callColumns(data), url: data['url'] ?? '', source: data['source'] ?? '' };
    case 'dependencies': {
      const { target = '', type = '', data: command = '' } = data;
      return { ...callColumns(data), target, type, data: command };
    }
    case 'exceptions': {
      const details = Array.isArray(data['exceptions'])
        ? (data['exceptions'] as Readonly<Record<string, unknown>>[])
        : [];
      const type = details[0]?.['typeName'] ?? '';
      return {
        type,
        outerMessage: details[0]?.['message'] ?? '',
        innermostMessage: details.at(-1)?.['message'] ?? '',
        problemId: data['problemId'] ?? type,
        severityLevel: levelOf(data['severityLevel']),
        details,
      };
    }
  }
}

function callColumns(data: TelemetryItem['data']): Row {
  return {
    id: data['id'] ?? '',
    name: data['name'] ?? '',
    success: data['success'] ?? true,
    resultCode: data['responseCode'] ?? data['resultCode'] ?? '',
    duration: millisecondsOf(String(data['duration'] ?? '')),
  };
}

/** By its name or its number. */
function levelOf(severity: unknown): number | null {
  const level = typeof severity === 'number' ? severity : SEVERITIES.indexOf(String(severity));
  return level < 0 ? null : level;
}

/** Reads `d.hh:mm:ss.fffffff`. */
function millisecondsOf(duration: string): number | null {
  const [, days = '0', hours = '', minutes = '', seconds = ''] =
    /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(duration) ?? [];
  return hours === ''
    ? null
    : Number(((((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000).toFixed(4));
}
