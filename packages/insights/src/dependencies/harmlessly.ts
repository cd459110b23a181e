/** Makes a function that never throws: whatever fails in watching a call, the call goes on. @internal */
export function harmlessly<T>(run: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      run(value);
    } catch {
      // Node would end the process for an error in a subscriber.
    }
  };
}
