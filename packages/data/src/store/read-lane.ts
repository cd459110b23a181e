/** Room for bytes that wait to be taken, shared by all lanes. */
export interface ReadRoom {
  /** Bytes that may still come; below 0 when pieces were larger than the room. */
  left: number;
  /** Wakes the lanes that wait for room. */
  readonly waiting: Set<() => void>;
}

/** What a lane reads. */
export interface ReadLaneOptions {
  /** Number of the file. */
  readonly index: number;
  readonly room: ReadRoom;
  /** The lane of the file's first bytes, which must have come first; left out for that lane itself. */
  readonly after: ReadLane | undefined;
  read(abortSignal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** One download that runs ahead of who takes its bytes, as far as there is room. */
export class ReadLane {
  readonly index: number;
  readonly #options: ReadLaneOptions;
  readonly #abort = new AbortController();
  readonly #pieces: Uint8Array[] = [];
  #running: Promise<void> = Promise.resolve();
  #isTaken = false;
  #isDone = false;
  #failure: { readonly error: unknown } | undefined;
  /** Wakes who waits for the next piece. */
  #wake: () => void = () => undefined;
  readonly #started = Promise.withResolvers<void>();

  constructor(options: ReadLaneOptions) {
    this.index = options.index;
    this.#options = options;
  }

  /** Begins to read. */
  begin(): void {
    this.#running = this.#run();
  }

  /** Its bytes, in order. While they are taken, one piece may always come: else lanes behind could hold all the room. */
  async *take(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#isTaken = true;
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#giveBack(piece.length);
        yield piece;
      } else if (this.#failure !== undefined) {
        throw this.#failure.error;
      } else if (this.#isDone) {
        return;
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        // It may be waiting for room, which it need not have now.
        this.#giveBack(0);
        await promise;
      }
    }
  }

  /** Settles with its first piece, or its end. */
  started(): Promise<void> {
    return this.#started.promise;
  }

  /** Ends the download with a reason, which whoever takes its bytes hears. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
    this.#giveBack(0);
  }

  /** Ends the download if it runs, and gives back the room. Settles when nothing of it is open. */
  async end(): Promise<void> {
    this.abort(new Error('What is left of the file is not read.'));
    await this.#running;
    const left = this.#pieces.splice(0).reduce((sum, piece) => sum + piece.length, 0);
    this.#giveBack(left);
  }

  async #run(): Promise<void> {
    const { after, room, read } = this.#options;
    const { signal } = this.#abort;
    try {
      await after?.started();
      signal.throwIfAborted();
      for await (const piece of read(signal)) {
        this.#pieces.push(piece);
        room.left -= piece.length;
        this.#started.resolve();
        this.#wake();
        while (room.left <= 0 && !(this.#isTaken && this.#pieces.length === 0) && !signal.aborted) {
          const { promise, resolve } = Promise.withResolvers<void>();
          room.waiting.add(resolve);
          await promise;
        }
        signal.throwIfAborted();
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#isDone = true;
    this.#started.resolve();
    this.#wake();
  }

  #giveBack(bytes: number): void {
    const { room } = this.#options;
    room.left += bytes;
    for (const wake of room.waiting) {
      room.waiting.delete(wake);
      wake();
    }
  }
}
