/**
 * Adds to a list that most of the time has one member: made with it, it takes the room of one. A list that grows from
 * nothing has room for many, which counts where there is one for each slice or request.
 *
 * @param list Is added to; `undefined` when there is none yet.
 * @param member The new one.
 * @returns The list.
 */
export function withOneMore<T>(list: T[] | undefined, member: T): T[] {
  if (list === undefined) {
    return [member];
  }
  list.push(member);
  return list;
}
