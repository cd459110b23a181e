import { isNumericArray } from './input-kinds.ts';
import { InvalidRows } from './invalid-rows.ts';
import { asTensor, tensorShape } from './tensor.ts';

/** Whether a value is a tensor that a library made, and no record that happens to have the same members. */
export function isTensorObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null && tensorShape(value) !== undefined;
}

/**
 * Refuses tensors where records stand.
 *
 * @throws InvalidRows when the first record is a tensor.
 */
export function refuseTensors(records: readonly object[]): void {
  if (records[0] !== undefined && isTensorObject(records[0])) {
    throw new InvalidRows(
      records.length,
      'a list of tensors is not rows; collect each tensor by itself, or an object of tensors by name',
    );
  }
}

/**
 * How many rows an object of nothing but tensors has, as what an ONNX session gives; `undefined` when it is none. What is
 * in the tensors is not read.
 *
 * @param values The members of the object.
 */
export function tensorRows(values: readonly unknown[]): number | undefined {
  // A look at one value tells most records from tensors, on the way of every call.
  if (typeof values[0] !== 'object') {
    return undefined;
  }
  const shapes = values.map((value) => (typeof value === 'object' && value !== null ? tensorShape(value) : undefined));
  return shapes.length > 0 && shapes.every((shape) => shape !== undefined) ? (shapes[0]?.dims[0] ?? 1) : undefined;
}

/**
 * The columns of an object of nothing but tensors: one for each tensor of shape `[n]` or `[n, 1]`; those of a tensor
 * of shape `[n, k]` are called `<name>_0` to `<name>_<k-1>`.
 *
 * @param input The object.
 * @param members Its members.
 * @returns `undefined` when it is no such object.
 * @throws InvalidRows when a tensor has another rank, or two columns get one name.
 */
export function tensorColumns(
  input: object,
  members: readonly unknown[] = Object.values(input),
): Record<string, ArrayLike<unknown>> | undefined {
  const rowCount = tensorRows(members);
  if (rowCount === undefined) {
    return undefined;
  }
  const columns = new Map<string, ArrayLike<unknown>>();
  for (const [name, tensor] of Object.entries(input)) {
    const { values, dims } = asTensor(tensor as object) as NonNullable<ReturnType<typeof asTensor>>;
    const [length = 0, width = 1] = dims;
    if (dims.length < 1 || dims.length > 2 || values.length !== length * width) {
      throw new InvalidRows(
        rowCount,
        `the tensor ${JSON.stringify(name)} of shape [${dims.join(', ')}] with ${values.length} values is no column or columns; pass rank 1 or 2`,
      );
    }
    for (let column = 0; column < width; column += 1) {
      const own = width === 1 ? name : `${name}_${column}`;
      if (columns.has(own)) {
        throw new InvalidRows(rowCount, `two columns of the tensors are called ${JSON.stringify(own)}`);
      }
      columns.set(own, columnOf(values, length, width, column));
    }
  }
  return Object.fromEntries(columns);
}

/** Of the same kind as the values, so that floats are known as such. */
function columnOf(values: ArrayLike<unknown>, length: number, width: number, column: number): ArrayLike<unknown> {
  const kind = (isNumericArray(values) ? values.constructor : Array) as typeof Array;
  return kind.from({ length }, (_, row) => values[row * width + column]);
}
