import { DEPLOYMENT_FILE_TYPES, type KeyRule, type Keys } from './key-rule.ts';
import { KEYS, NEEDED } from './keys.ts';

type Schema = Record<string, unknown>;

/** By this name only: an object with `then` in its source looks like a promise. */
const THEN = 'then';
const REFERENCE: Schema = { $ref: '#/definitions/reference' };
const REFERENCE_SCHEMA: Schema = { type: 'string', pattern: '\\$\\{\\{ *env\\.[A-Za-z_][A-Za-z0-9_]* *\\}\\}' };

/** The JSON schema of a deployment file, for editors; from the table of keys that the reader stands on. */
export function deploymentSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Deployment file of azureml-ts',
    type: 'object',
    // One after the other, so that an editor tells of one type only.
    ...DEPLOYMENT_FILE_TYPES.reduceRight<Schema>(
      (otherwise, type) =>
        type === 'online'
          ? // It is the default: also without the key.
            { if: { properties: { type: { const: type } } }, [THEN]: reference(type), else: otherwise }
          : {
              if: { required: ['type'], properties: { type: { const: type } } },
              [THEN]: reference(type),
              else: otherwise,
            },
      { properties: { type: { enum: [...DEPLOYMENT_FILE_TYPES] } } },
    ),
    definitions: {
      reference: REFERENCE_SCHEMA,
      ...Object.fromEntries(DEPLOYMENT_FILE_TYPES.map((type) => [type, objectSchema(KEYS[type], NEEDED[type])])),
    },
  };
}

function reference(type: string): Schema {
  return { $ref: `#/definitions/${type}` };
}

function objectSchema(keys: Keys, needs: readonly string[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(keys).map(([key, rule]) => [key, ruleSchema(rule)])),
    ...(needs.length === 0 ? {} : { required: [...needs] }),
    additionalProperties: false,
  };
}

function ruleSchema(rule: KeyRule): Schema {
  return { description: rule.about, ...valueSchema(rule) };
}

function valueSchema(rule: KeyRule): Schema {
  switch (rule.is) {
    case 'flag':
      return {
        anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^([Tt]rue|[Ff]alse|TRUE|FALSE)$' }, REFERENCE],
      };
    case 'number':
      return {
        anyOf: [
          {
            type: rule.isWhole ? 'integer' : 'number',
            ...(rule.least === undefined ? {} : { minimum: rule.least }),
            ...(rule.most === undefined ? {} : { maximum: rule.most }),
          },
          REFERENCE,
        ],
      };
    case 'secret':
      return REFERENCE;
    case 'quantity':
      return { type: ['string', 'number'] };
    case 'word':
      return { enum: Object.keys(rule.words) };
    case 'texts':
      return { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } };
    case 'any':
      return { type: 'object' };
    case 'list':
      return { type: 'array', items: ruleSchema(rule.each) };
    case 'map':
      return { type: 'object', additionalProperties: ruleSchema(rule.each) };
    case 'object':
      return objectSchema(rule.keys, rule.needs ?? []);
    case 'either':
      return { anyOf: rule.of.map(ruleSchema) };
    default:
      return { type: ['string', 'number'] };
  }
}
