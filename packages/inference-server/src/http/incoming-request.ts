import type { BodyFault } from './body-fault.ts';
import { http } from './node-http.ts';

/** Why the bytes of a body are not there. */
export interface Unread {
  /** It is larger than allowed, its client went away, or its rest will never come. */
  readonly kind: 'tooLarge' | 'aborted' | BodyFault['kind'];
}

/** The parts of one body. */
interface Gathering {
  readonly maxBytes: number;
  readonly then: (body: Buffer | Unread) => void;
  chunk: Buffer | undefined;
  more: Buffer[] | undefined;
  size: number;
  isDone: boolean;
}

const EMPTY = Buffer.alloc(0);

/**
 * A request whose body can be taken as a whole, without the events of a stream: they are a good part of what a small
 * request costs. Where nobody asks for that, it is Node's own.
 */
export class IncomingRequest extends http.IncomingMessage {
  #gathering: Gathering | undefined;

  static {
    // Node asks for it once the answer is written. For TypeScript it is a field, which no accessor can take the place of.
    Object.defineProperty(IncomingRequest.prototype, 'readableEnded', {
      configurable: true,
      get(this: IncomingRequest): boolean {
        return this.#gathering?.isDone ?? Reflect.get(http.IncomingMessage.prototype, 'readableEnded', this);
      },
    });
  }

  /**
   * Takes the body from Node's parser as it comes.
   *
   * @param maxBytes Above this many bytes it stops; what follows stays in the stream.
   * @param then Gets the body; called once.
   * @returns Whether it does: a body that has begun to come is for those who read the stream.
   */
  gather(maxBytes: number, then: (body: Buffer | Unread) => void): boolean {
    if (this.complete || this.destroyed || this.readableLength > 0 || this.#gathering !== undefined) {
      return false;
    }
    this.#gathering = { maxBytes, then, chunk: undefined, more: undefined, size: 0, isDone: false };
    // Tells Node that the body is wanted.
    this._read(0);
    return true;
  }

  /**
   * Tells whoever gathers that the rest of the body will never come.
   *
   * @returns Whether somebody does.
   */
  failGathering(kind: BodyFault['kind']): boolean {
    const gathering = this.#gathering;
    if (gathering === undefined || gathering.isDone) {
      return false;
    }
    this.#giveUp(gathering, { kind });
    return true;
  }

  /** Node's parser gives the parts of the body here, and `null` at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const gathering = this.#gathering;
    if (gathering === undefined) {
      return super.push(chunk, encoding);
    }
    if (chunk === null) {
      gathering.isDone = true;
      gathering.then(takeBytes(gathering));
      return false;
    }
    gathering.size += chunk.length;
    if (gathering.size > gathering.maxBytes) {
      this.#giveUp(gathering, { kind: 'tooLarge' });
      return super.push(chunk);
    }
    if (gathering.chunk === undefined) {
      gathering.chunk = chunk;
    } else {
      gathering.more ??= [gathering.chunk];
      gathering.more.push(chunk);
    }
    return true;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const gathering = this.#gathering;
    if (gathering?.isDone === false) {
      // Not before Node has told the response.
      process.nextTick(() => this.#giveUp(gathering, { kind: 'aborted' }));
    }
    super._destroy(error, callback);
  }

  #giveUp(gathering: Gathering, why: Unread): void {
    if (!gathering.isDone) {
      gathering.isDone = true;
      // What still comes goes into the stream.
      this.#gathering = undefined;
      gathering.then(why);
    }
  }
}

/** The request may live long: it does not hold on to the bytes. */
function takeBytes(gathering: Gathering): Buffer {
  const { chunk, more, size } = gathering;
  gathering.chunk = undefined;
  gathering.more = undefined;
  return more === undefined ? (chunk ?? EMPTY) : Buffer.concat(more, size);
}
