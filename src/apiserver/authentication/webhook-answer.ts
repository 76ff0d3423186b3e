// What webhooks answer to reviews: an object in JSON; whatever is none is told of in the real server's words.
import { isRecord } from '../../apimachinery/object.js';
import { jsonName, notAnObject, unknownKind } from './configuration-file.js';

/** The webhook has not answered the question. */
export class ReviewProblem extends Error {}

/** The object of an answer. Throws {@link ReviewProblem}. */
export function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is no JSON may still be YAML: one text.
    value = '';
  }
  if (isRecord(value)) return value;
  throw new ReviewProblem(notAnObject(value));
}

/** A field is of another type: `field` is the Go struct and the path, `type` the Go type. */
export function mismatch(value: unknown, field: string, type: string): ReviewProblem {
  return new ReviewProblem(`json: cannot unmarshal ${jsonName(value)} into Go struct field ${field} of type ${type}`);
}

/** An object of a kind that a webhook does not answer with. */
export function unregistered(kind: string, apiVersion: string): ReviewProblem {
  return new ReviewProblem(unknownKind(kind, apiVersion));
}
