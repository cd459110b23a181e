import { isoTime } from './iso-time.ts';
import { type JsonBytes, jsonPiece } from './json-bytes.ts';

/** An item on its way. @internal */
export interface TelemetryItem {
  /** Writes its JSON. */
  writeTo(out: JsonBytes): void;
  /** Its JSON as a text. */
  serialize(): SerializedItem;
}

/** An item as a text. @internal */
export interface SerializedItem {
  readonly json: string;
  readonly bytes: number;
}

/** An item of which the text is there. @internal */
export function writtenItem(item: SerializedItem): TelemetryItem {
  return { writeTo: (out) => out.json(item.json), serialize: () => item };
}

const BEFORE_PROPERTIES = jsonPiece(',"properties":{');
const END = jsonPiece('}}}}');

/**
 * What all items of a kind have around what they say. Its methods are to be called in their order, and each leaves the
 * place for what its name says: members of an object, without braces.
 *
 * @internal
 */
export class Envelope {
  readonly #beforeTime: Uint8Array;
  readonly #beforeTags: Uint8Array;
  readonly #beforeData: Uint8Array;

  /**
   * @param kind Kind of the items, for example `Request`: their `baseType` without the `Data`.
   * @param sampleRate Share of the items that is sent, in percent; not said of all.
   */
  constructor(kind: string, instrumentationKey: string, sampleRate: number) {
    const share = sampleRate === 100 ? '' : `,"sampleRate":${sampleRate}`;
    this.#beforeTime = jsonPiece(`{"ver":1,"name":"Microsoft.ApplicationInsights.${kind}","time":`);
    this.#beforeTags = jsonPiece(`${share},"iKey":${JSON.stringify(instrumentationKey)},"tags":{`);
    this.#beforeData = jsonPiece(`},"data":{"baseType":"${kind}Data","baseData":{"ver":2,`);
  }

  /** @param time Milliseconds since 1970. */
  beforeTags(out: JsonBytes, time: number): void {
    out.piece(this.#beforeTime);
    out.text(isoTime(time));
    out.piece(this.#beforeTags);
  }

  beforeData(out: JsonBytes): void {
    out.piece(this.#beforeData);
  }

  beforeProperties(out: JsonBytes): void {
    out.piece(BEFORE_PROPERTIES);
  }

  end(out: JsonBytes): void {
    out.piece(END);
  }
}
