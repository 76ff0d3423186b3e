// The JSON of answers that webhooks give: of any length and depth, so that a long one is read in slices.
import { inSlices } from '../../clock/slices.js';
import { readJsonWork } from './json-reader.js';

/** A text of so many characters is read in a few milliseconds, whatever is in it. */
const short = 64 * 1024;

/** The value that the text is. Rejects with an Error when it is no JSON, or when a long one is nested deeper than the API's own objects may be. */
export async function parseAnswer(text: string): Promise<unknown> {
  if (text.length <= short) return JSON.parse(text);
  return (await inSlices(readJsonWork(Buffer.from(text), { literals: false }))).value;
}
