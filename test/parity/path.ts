// Finds a value in an answer.

/** What is at a path of fields, such as `metadata.uid`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (one, field) => (typeof one === 'object' && one !== null ? (one as Record<string, unknown>)[field] : undefined),
      value,
    );
}
