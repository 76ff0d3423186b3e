// JSON inside of objects: annotations and secrets. What is wrong with it is told as the real server tells it, never with the text.
import { parseJson, SyntaxProblem } from '../../apimachinery/codec/json.js';
import { isRecord } from '../../apimachinery/object.js';

const sorts: Readonly<Record<string, string>> = { boolean: 'bool', number: 'number', string: 'string' };

/** The value of the text, or what is wrong with it. `null` is a right one of every type. */
export function readText(
  text: string,
  wanted: 'object' | 'array',
  type: string,
): { readonly value: unknown } | { readonly problem: string } {
  let value: unknown;
  try {
    value = parseJson(Buffer.from(text));
  } catch (error) {
    return { problem: error instanceof SyntaxProblem ? error.message : 'unexpected end of JSON input' };
  }
  if (value === null || (wanted === 'array' ? Array.isArray(value) : isRecord(value))) return { value };
  const sort = Array.isArray(value) ? 'array' : (sorts[typeof value] ?? 'object');
  return { problem: `json: cannot unmarshal ${sort} into Go value of type ${type}` };
}
