/**
 * What the published schema of Application Insights asks of each kind of item.
 *
 * Source: the data contracts of Application Insights (names, required fields and longest texts).
 */

/** Longest property name, in characters. @internal */
export const MAX_PROPERTY_KEY = 150;
/** Longest property value, in bytes of UTF-8. @internal */
export const MAX_PROPERTY_BYTES = 8192;
/** Largest item, in bytes of its JSON. @internal */
export const MAX_ITEM_BYTES = 65_536;

/** How a field must look. `max` counts characters. @internal */
export interface FieldRule {
  readonly type: 'string' | 'boolean' | 'duration' | 'array';
  readonly required?: true;
  readonly max?: number;
}

/** One kind of item: how its name ends and what its data holds. @internal */
export interface KindRule {
  readonly suffix: string;
  readonly fields: Readonly<Record<string, FieldRule>>;
}

const text = (max: number): FieldRule => ({ type: 'string', max });
const needed = (rule: FieldRule): FieldRule => ({ ...rule, required: true });

/** The kinds by `baseType`. @internal */
export const KINDS: Readonly<Record<string, KindRule>> = {
  MessageData: { suffix: 'Message', fields: { message: needed(text(32_768)) } },
  RequestData: {
    suffix: 'Request',
    fields: {
      id: needed(text(512)),
      name: text(1024),
      duration: needed({ type: 'duration' }),
      responseCode: needed(text(1024)),
      success: needed({ type: 'boolean' }),
      url: text(2048),
      source: text(1024),
    },
  },
  RemoteDependencyData: {
    suffix: 'RemoteDependency',
    fields: {
      id: text(512),
      name: needed(text(1024)),
      resultCode: text(1024),
      data: text(8192),
      type: text(1024),
      target: text(1024),
      duration: needed({ type: 'duration' }),
      success: { type: 'boolean' },
    },
  },
  ExceptionData: { suffix: 'Exception', fields: { exceptions: needed({ type: 'array' }) } },
  MetricData: { suffix: 'Metric', fields: { metrics: needed({ type: 'array' }) } },
  EventData: { suffix: 'Event', fields: { name: needed(text(512)) } },
  AvailabilityData: {
    suffix: 'Availability',
    fields: {
      id: needed(text(512)),
      name: needed(text(1024)),
      duration: needed({ type: 'duration' }),
      success: needed({ type: 'boolean' }),
      runLocation: text(1024),
      message: text(8192),
    },
  },
};

/** Longest tag values, in characters. @internal */
export const TAG_LIMITS: Readonly<Record<string, number>> = {
  'ai.operation.id': 128,
  'ai.operation.parentId': 512,
  'ai.operation.name': 1024,
  'ai.cloud.role': 256,
  'ai.cloud.roleInstance': 256,
  'ai.internal.sdkVersion': 64,
  'ai.location.ip': 46,
};
