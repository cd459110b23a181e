/** A value as Python's `print` writes it: texts as they are, what stands inside of lists and dictionaries as its `repr`. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'string') {
    return `'${value.replace(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(pythonRepr).join(', ')}]`;
  }
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([name, item]) => `${pythonRepr(name)}: ${pythonRepr(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}
