import type { ScoringSchema } from '../schema/define-schema.ts';
import { type JsonObject, jsonObjectSchema, jsonSchema, type SwaggerVersion } from './json-schema.ts';
import { sampleValue, sampleValues } from './sample-value.ts';

/** What the description says of the service as a whole. */
export interface ServiceDescription {
  /** Name: `SERVICE_NAME`. */
  readonly name: string;
  /** Version: `SERVICE_VERSION`. */
  readonly version: string;
  /** Path before all routes, without slashes at its ends; empty for none. */
  readonly pathPrefix: string;
  /** What requests and answers hold; `undefined` when the script declares nothing. */
  readonly schema: ScoringSchema | undefined;
}

const HEALTHY = "If service is up and running, this response will be returned with the content 'Healthy'";
const SCORED = 'The service processed the input correctly and provided a result prediction, if applicable.';
const FAILED = 'The service failed to execute due to an error.';
const PAYLOAD = 'The input payload for executing the real-time machine learning service.';
const BEARER = { type: 'apiKey', name: 'Authorization', in: 'header', description: 'For example: Bearer abc123' };

/**
 * Describes the service.
 *
 * Source: operation and definition names of the reference inference server 1.5.1, from which clients are generated.
 *
 * @param service What to describe.
 * @param version Which version.
 */
export function swaggerDocument(service: ServiceDescription, version: SwaggerVersion): JsonObject {
  const info = {
    title: service.name,
    description: `API specification for Azure Machine Learning ${service.name}`,
    version: service.version,
  };
  return version === '2' ? swagger2(service, info) : openApi3(service, info, version);
}

function swagger2(service: ServiceDescription, info: JsonObject): JsonObject {
  const answer = (description: string, definition: string) => ({
    description,
    schema: { $ref: `#/definitions/${definition}` },
  });
  return {
    swagger: '2.0',
    info,
    ...(service.pathPrefix === '' ? {} : { basePath: `/${service.pathPrefix}` }),
    schemes: ['https', 'http'],
    consumes: ['application/json'],
    produces: ['application/json'],
    securityDefinitions: { Bearer: BEARER },
    paths: paths(
      { description: HEALTHY, schema: { type: 'string' }, examples: { 'text/html': 'Healthy' } },
      {
        parameters: [
          {
            name: 'serviceInputPayload',
            in: 'body',
            description: PAYLOAD,
            required: service.schema !== undefined,
            schema: { $ref: '#/definitions/ServiceInput' },
          },
        ],
      },
      answer,
    ),
    definitions: definitions(service.schema, '2'),
  };
}

function openApi3(service: ServiceDescription, info: JsonObject, version: SwaggerVersion): JsonObject {
  const json = (definition: string) => ({
    'application/json': { schema: { $ref: `#/components/schemas/${definition}` } },
  });
  return {
    openapi: version === '3' ? '3.0.3' : '3.1.0',
    info,
    servers: [{ url: `/${service.pathPrefix}` }],
    paths: paths(
      { description: HEALTHY, content: { 'text/html': { schema: { type: 'string' }, example: 'Healthy' } } },
      {
        requestBody: {
          description: PAYLOAD,
          required: service.schema !== undefined,
          content: json('ServiceInput'),
        },
      },
      (description, definition) => ({ description, content: json(definition) }),
    ),
    components: { schemas: definitions(service.schema, version), securitySchemes: { Bearer: BEARER } },
  };
}

function paths(
  healthy: JsonObject,
  input: JsonObject,
  answer: (description: string, definition: string) => JsonObject,
): JsonObject {
  return {
    '/': {
      get: {
        operationId: 'ServiceHealthCheck',
        description: 'Simple health check endpoint to ensure the service is up at any given point.',
        responses: { 200: healthy, default: answer(FAILED, 'ErrorResponse') },
      },
    },
    '/score': {
      post: {
        operationId: 'RunMLService',
        description: "Run web service's model and get the prediction output",
        security: [{ Bearer: [] }],
        ...input,
        responses: { 200: answer(SCORED, 'ServiceOutput'), default: answer(FAILED, 'ErrorResponse') },
      },
    },
  };
}

function definitions(schema: ScoringSchema | undefined, version: SwaggerVersion): JsonObject {
  const example = (value: unknown) => (version === '3.1' ? { examples: [value] } : { example: value });
  return {
    ServiceInput:
      schema === undefined
        ? { description: 'What run() of the scoring script takes; it declares no schema.' }
        : { ...jsonObjectSchema(schema.inputs, version), ...example(sampleValues(schema.inputs)) },
    ServiceOutput:
      schema?.outputs === undefined
        ? { description: 'What run() of the scoring script returns.' }
        : { ...jsonSchema(schema.outputs, version), ...example(sampleValue(schema.outputs)) },
    ErrorResponse: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
  };
}
