/** A Python name in our writing: `enable_app_insights` -> `enableAppInsights`. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}

/**
 * Keyword arguments of Python as our options. `None` means "not given" there; fields inside values that are the
 * caller's own (tags, properties) keep their names.
 */
export function optionsOf(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => optionOf(name, value)));
}

function optionOf(name: string, value: unknown): [name: string, value: unknown] {
  if (value === null) {
    return [camelCase(name), undefined];
  }
  if (name === 'models' && Array.isArray(value)) {
    return [name, value.map((model) => optionsOf(model))];
  }
  if (name === 'image' && typeof value === 'object') {
    // Ours names a built image by its id alone.
    return ['imageId', (value as { readonly id?: unknown }).id];
  }
  return [camelCase(name), value];
}
