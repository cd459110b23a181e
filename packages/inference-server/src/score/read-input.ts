import { constants } from 'node:buffer';
import { type Answer, errorAnswer } from '../http/answer.ts';
import { type BodyResult, readBody } from '../http/body.ts';
import { BodyFault } from '../http/body-fault.ts';
import { CONTENT_ENCODINGS, foreignCharset, isJson } from '../http/content.ts';
import { compileValues, InputError, kindOf } from '../schema/read-value.ts';
import type { ValueSchemas } from '../schema/value-schema.ts';
import type { Binding } from '../script/binding.ts';
import { queryInputs } from './query-inputs.ts';
import type { ScoreCall } from './score.ts';

/** Status in log and telemetry when the client went away before its request was whole; nothing is sent. */
export const CLIENT_GONE = 499;

/** What `run()` gets first, or the answer to a request that cannot be scored. */
export interface ReadInput {
  readonly input?: unknown;
  readonly refusal?: Answer | undefined;
}

/** The answer to a body over the limit. */
export function tooLargeAnswer(maxBodyBytes: number): Answer {
  return errorAnswer(
    413,
    `The body is larger than ${maxBodyBytes} bytes. Send less at once, or raise maxBodyBytes of the server.`,
    { closeConnection: true },
  );
}

/** The answer to a client that is not there any more; it only shows in log and telemetry. */
export function goneAnswer(): Answer {
  return errorAnswer(CLIENT_GONE, 'The client went away before its request was whole.');
}

/** The answer to a body whose rest will never come. */
export function faultAnswer({ kind, message }: BodyFault): Answer {
  return kind === 'late'
    ? errorAnswer(408, message, { closeConnection: true })
    : errorAnswer(400, message, { closeConnection: 'atOnce' });
}

/** Makes of a request what `run()` takes: the text, or values by name. */
export class InputReader {
  readonly #maxBodyBytes: number;
  readonly #schemas: ValueSchemas | undefined;
  readonly #bind: ((values: object) => Record<string, unknown>) | undefined;

  /** @param settings How `run()` wants it, and the limit of a body. */
  constructor({ binding, maxBodyBytes }: { readonly binding: Binding; readonly maxBodyBytes: number }) {
    this.#maxBodyBytes = Math.min(maxBodyBytes, constants.MAX_STRING_LENGTH);
    if (binding.kind === 'schema') {
      const read = compileValues(binding.schema.inputs);
      this.#schemas = binding.schema.inputs;
      this.#bind = (values) => read(values, []);
    }
  }

  /** What the query of a request holds, for methods without a body; `call.input` is its text then. */
  readQuery(call: ScoreCall): ReadInput {
    const values = queryInputs(new URLSearchParams(call.query), this.#schemas);
    call.input = JSON.stringify(values);
    return this.#bind === undefined ? { input: call.input } : this.#bound(values);
  }

  /**
   * Reads the body of a request; `call.input` is its text then.
   *
   * @param call The request.
   * @param then Gets what it holds; called once, perhaps at once.
   */
  readBody(call: ScoreCall, then: (read: ReadInput) => void): void {
    const refusal = this.#unsupported(call);
    if (refusal === undefined) {
      readBody(call.request, this.#maxBodyBytes, (body) => then(this.#inputOf(call, body)));
    } else {
      then({ refusal });
    }
  }

  #inputOf(call: ScoreCall, body: BodyResult): ReadInput {
    if (body.kind !== 'text') {
      return { refusal: this.#refused(body.kind) };
    }
    call.input = body.text;
    return this.#bind === undefined ? { input: body.text } : this.#parsed(body.text);
  }

  #refused(kind: Exclude<BodyResult['kind'], 'text'>): Answer {
    switch (kind) {
      case 'tooLarge':
        return tooLargeAnswer(this.#maxBodyBytes);
      case 'notUtf8':
        return errorAnswer(400, 'The body is not UTF-8 text.');
      case 'unknownEncoding':
        return errorAnswer(
          415,
          `The content encoding of the body is not supported. Supported, one at a time: ${CONTENT_ENCODINGS}.`,
          { headers: { 'accept-encoding': CONTENT_ENCODINGS } },
        );
      case 'corrupt':
        return errorAnswer(400, 'The body is not what its header content-encoding says, or not whole.');
      case 'late':
      case 'truncated':
      case 'malformed':
        return faultAnswer(new BodyFault(kind));
      case 'aborted':
        return goneAnswer();
    }
  }

  #unsupported({ request: { headers } }: ScoreCall): Answer | undefined {
    const charset = foreignCharset(headers);
    if (charset !== undefined) {
      return errorAnswer(415, 'The character set of the body is not supported. Send UTF-8.');
    }
    return this.#bind === undefined || isJson(headers)
      ? undefined
      : errorAnswer(415, 'The content type of the body is not supported. Send application/json.');
  }

  #parsed(text: string): ReadInput {
    if (text.trim() === '') {
      return { refusal: errorAnswer(400, 'The body is empty. Send a JSON object with the inputs.') };
    }
    let values: unknown;
    try {
      values = JSON.parse(text);
    } catch (error) {
      // The rest of the message quotes the data.
      const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec((error as Error).message)?.[0];
      return { refusal: errorAnswer(400, `The body is not valid JSON${place === undefined ? '' : `, ${place}`}.`) };
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      return {
        refusal: errorAnswer(400, `The body must be a JSON object with the inputs, but is ${kindOf(values)}.`),
      };
    }
    return this.#bound(values);
  }

  #bound(values: object): ReadInput {
    try {
      return { input: this.#bind?.(values) };
    } catch (error) {
      if (error instanceof InputError) {
        return { refusal: errorAnswer(400, error.message) };
      }
      if (error instanceof RangeError) {
        return { refusal: errorAnswer(400, 'The body is nested too deeply.') };
      }
      throw error;
    }
  }
}
