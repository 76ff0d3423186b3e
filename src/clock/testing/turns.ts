// Counts the turns that others have while something is being done.

/** What `run` gives, and how often the event loop went round meanwhile. Rejects with what `run` rejects with. */
export async function turnsDuring<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly turns: number }> {
  let turns = 0;
  let over = false;
  const others = (): void => {
    turns++;
    if (!over) setImmediate(others);
  };
  setImmediate(others);
  try {
    return { result: await run(), turns };
  } finally {
    over = true;
  }
}
