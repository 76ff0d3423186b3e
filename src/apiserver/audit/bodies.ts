// The bodies in an event: JSON in one line, without managedFields where the policy says so.
import { jsonText, parseJson } from '../../apimachinery/codec/json.js';
import { isRecord } from '../../apimachinery/object.js';

/** An object as it is now. */
export function objectText(object: Readonly<Record<string, unknown>>, omitManagedFields: boolean): string {
  return jsonText(omitManagedFields ? withoutManagers(object) : object);
}

/** A body of JSON, however it is indented. Throws SyntaxProblem for what is none. */
export function patchText(bytes: Uint8Array): string {
  return jsonText(parseJson(bytes));
}

/** JSON in one line; undefined for what is none. */
export function compactJson(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return Buffer.from(jsonText(parseJson(bytes)));
  } catch {
    return undefined;
  }
}

/** An answer in compact JSON. */
export function answerText(bytes: Uint8Array, omitManagedFields: boolean): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').trimEnd();
  if (!omitManagedFields || !text.includes('"managedFields"')) return text;
  return jsonText(withoutManagers(JSON.parse(text) as unknown));
}

/** Of an object, each item of a list, each row of a Table. */
function withoutManagers(value: unknown): unknown {
  if (!isRecord(value)) return value;
  let out = value;
  const { metadata, items, rows } = value;
  if (isRecord(metadata) && metadata['managedFields'] !== undefined) {
    const { managedFields: _, ...rest } = metadata;
    out = { ...out, metadata: rest };
  }
  if (Array.isArray(items)) out = { ...out, items: items.map(withoutManagers) };
  if (Array.isArray(rows))
    out = { ...out, rows: rows.map((row: unknown) => (isRecord(row) ? { ...row, object: withoutManagers(row['object']) } : row)) };
  return out;
}
