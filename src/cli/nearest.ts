// Which of many names somebody may have meant.

/** The most changes of a character between a name and what was meant. */
const farthest = 3;

/** The name that is nearest to `given`; undefined when none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  let found: string | undefined;
  let least = Math.min(farthest, Math.ceil(given.length / 2)) + 1;
  for (const name of names) {
    // Names that differ so much in length differ by more than counts; so long texts cost nothing either.
    if (Math.abs(name.length - given.length) >= least) continue;
    const changes = changesBetween(given.toLowerCase(), name.toLowerCase());
    if (changes >= least) continue;
    least = changes;
    found = name;
  }
  return found;
}

/** How many characters must be put in, left out or changed: https://en.wikipedia.org/wiki/Levenshtein_distance */
function changesBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same));
    }
    row = next;
  }
  return row[other.length]!;
}
