// Brings scores to the range 0 to 100.

/** The highest becomes 100, the others in proportion; all 0 stay 0. */
export function normalize(scores: number[]): void {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  if (highest === 0) return;
  for (let i = 0; i < scores.length; i++) scores[i] = Math.floor((scores[i]! * 100) / highest);
}

/** The highest becomes 0, and 0 becomes 100. */
export function reverseNormalize(scores: number[]): void {
  normalize(scores);
  for (let i = 0; i < scores.length; i++) scores[i] = 100 - scores[i]!;
}
