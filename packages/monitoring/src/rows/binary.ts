/** Tells whether a value is audio, an image, video or other bytes: never a feature. */
export function isRefusedBinary(value: unknown): boolean {
  return (
    Buffer.isBuffer(value) ||
    value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer ||
    value instanceof DataView ||
    value instanceof Uint8ClampedArray ||
    value instanceof Blob
  );
}
