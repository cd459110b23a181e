import { createConnection, type Socket } from 'node:net';

/** What all connections read into, one after the other. */
const READ = Buffer.alloc(65_536);
/** `200 `, as it stands in the first line of an answer. */
const STATUS_200 = Buffer.from('200 ').readUInt32LE(0);

/** What a connection tells of its requests. */
export interface LoadEvents {
  /** An answer came whole. */
  onAnswer(connection: LoadConnection, status: number): void;
  /** The connection ended before the answer; `wasInUse`: after it had brought others, so that a server had accepted it. */
  onBroken(connection: LoadConnection, wasInUse: boolean): void;
}

/** How requests are sent. */
export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  /** The bytes of a request. */
  readonly bytes: Buffer;
  /** Whether the connection is kept for the next request. */
  readonly isKept: boolean;
}

/**
 * One connection that sends the same request again and again. It reads no more of an answer than its status and length, and
 * of one that looks like the one before not even that: a client of Node's takes more of the processor than the servers that
 * are measured.
 */
export class LoadConnection {
  readonly #target: LoadTarget;
  readonly #events: LoadEvents;
  #socket: Socket | undefined;
  #isInUse = false;
  #isWaiting = false;
  #text = '';
  /** An answer that came whole in one piece: most are of its form. */
  #form: { readonly bytes: number; readonly end: number } | undefined;
  /** Free for whoever uses it: when the request was due. */
  since = 0;

  constructor(target: LoadTarget, events: LoadEvents) {
    this.#target = target;
    this.#events = events;
  }

  /** Sends a request; the one before must have been answered. */
  send(): void {
    this.#isWaiting = true;
    this.#text = '';
    this.#socket ??= this.#connect();
    this.#socket.write(this.#target.bytes);
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connect(): Socket {
    const { host, port } = this.#target;
    this.#isInUse = false;
    const socket = createConnection({
      host,
      port,
      // Without the events of a stream.
      onread: {
        buffer: READ,
        callback: (length) => {
          if (socket === this.#socket) {
            this.#read(length);
          }
          return true;
        },
      },
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (socket === this.#socket) {
        this.#socket = undefined;
        if (this.#isWaiting) {
          this.#isWaiting = false;
          this.#events.onBroken(this, this.#isInUse);
        }
      }
    });
    return socket;
  }

  #read(bytes: number): void {
    const form = this.#form;
    const isUsual = this.#text === '' && bytes === form?.bytes && READ.readUInt32LE(bytes - 4) === form.end;
    if (isUsual && this.#isWaiting && this.#target.isKept && READ.readUInt32LE(9) === STATUS_200) {
      this.#isWaiting = false;
      this.#events.onAnswer(this, 200);
      return;
    }
    this.#text += READ.toString('latin1', 0, bytes);
    const head = this.#text.indexOf('\r\n\r\n');
    if (!this.#isWaiting || head === -1) {
      return;
    }
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, head))?.[1] ?? 0);
    if (this.#text.length < head + 4 + length) {
      return;
    }
    this.#isWaiting = false;
    this.#isInUse = true;
    const status = Number(this.#text.slice(9, 12));
    if (!this.#target.isKept || /\r\nconnection: *close/i.test(this.#text.slice(0, head))) {
      this.close();
    } else if (this.#text.length === bytes) {
      this.#form = { bytes, end: READ.readUInt32LE(bytes - 4) };
    }
    this.#events.onAnswer(this, status);
  }
}
