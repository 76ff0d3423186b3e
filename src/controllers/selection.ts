// Which controllers `--controllers` names.

/**
 * @param asked names, `*` for all, `-name` for all but that one
 * @param known the names there are
 * Throws RangeError for a name that is not known.
 */
export function chooseControllers(asked: readonly string[], known: readonly string[]): ReadonlySet<string> {
  const chosen = new Set<string>(asked.includes('*') ? known : []);
  for (const one of asked) {
    if (one === '*') continue;
    const name = one.startsWith('-') ? one.slice(1) : one;
    if (!known.includes(name)) throw new RangeError(`there is no controller "${name}": choose from ${known.join(', ')}`);
    if (one.startsWith('-')) chosen.delete(name);
    else chosen.add(name);
  }
  return chosen;
}
