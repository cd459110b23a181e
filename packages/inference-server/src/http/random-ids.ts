// An import would load all that it exports, web cryptography too.
const { randomFillSync } = process.getBuiltinModule('node:crypto');

/** Asking for random bytes one id at a time costs more than the rest of a small request's bookkeeping. */
const POOL_BYTES = 8_192;
/** What is made into digits at once; an id that is kept keeps the others of its batch. */
const BATCH_BYTES = 512;
const UUID_BYTES = 16;
const UUID_LENGTH = 36;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let poolUsed = POOL_BYTES;

/** Where the next {@link BATCH_BYTES} random bytes stand in the pool. */
function nextBatch(): number {
  if (poolUsed === POOL_BYTES) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  const start = poolUsed;
  poolUsed += BATCH_BYTES;
  return start;
}

let hex = '';
let hexUsed = 0;

/**
 * Random lower-case hexadecimal digits.
 *
 * @param bytes How many bytes they stand for, at most 512.
 */
export function randomHex(bytes: number): string {
  const digits = bytes * 2;
  if (hexUsed + digits > hex.length) {
    const start = nextBatch();
    hex = pool.toString('hex', start, start + BATCH_BYTES);
    hexUsed = 0;
  }
  const start = hexUsed;
  hexUsed += digits;
  return hex.slice(start, hexUsed);
}

let uuids = '';
let uuidsUsed = 0;

/** A random UUID (version 4), as `crypto.randomUUID()` makes it. Many are written at once. */
export function randomId(): string {
  if (uuidsUsed === uuids.length) {
    uuids = makeUuids();
    uuidsUsed = 0;
  }
  const start = uuidsUsed;
  uuidsUsed += UUID_LENGTH;
  return uuids.slice(start, uuidsUsed);
}

const text = Buffer.allocUnsafeSlow((BATCH_BYTES / UUID_BYTES) * UUID_LENGTH);

function makeUuids(): string {
  const start = nextBatch();
  let at = 0;
  for (let from = start; from < start + BATCH_BYTES; from += UUID_BYTES) {
    // Version and variant.
    pool[from + 6] = ((pool[from + 6] as number) & 0x0f) | 0x40;
    pool[from + 8] = ((pool[from + 8] as number) & 0x3f) | 0x80;
    at = writeHex(from, from + 4, at);
    text[at++] = DASH;
    at = writeHex(from + 4, from + 6, at);
    text[at++] = DASH;
    at = writeHex(from + 6, from + 8, at);
    text[at++] = DASH;
    at = writeHex(from + 8, from + 10, at);
    text[at++] = DASH;
    at = writeHex(from + 10, from + 16, at);
  }
  return text.toString('latin1');
}

const DASH = 0x2d;
const DIGITS = Buffer.from('0123456789abcdef');

/** Writes bytes of the pool as digits; returns where the next character goes. */
function writeHex(from: number, to: number, start: number): number {
  let at = start;
  for (let index = from; index < to; index++) {
    const byte = pool[index] as number;
    text[at++] = DIGITS[byte >> 4] as number;
    text[at++] = DIGITS[byte & 0x0f] as number;
  }
  return at;
}
