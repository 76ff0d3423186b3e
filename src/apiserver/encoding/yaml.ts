// Answers as YAML, for who asks for `application/yaml`.
import { stringify } from 'yaml';

/** Keys in the order of the alphabet, as the real server writes them. */
export function yamlBytes(value: unknown): Uint8Array {
  return Buffer.from(
    stringify(value, {
      sortMapEntries: true,
      lineWidth: 0,
      indentSeq: false,
      version: '1.1',
      aliasDuplicateObjects: false,
      singleQuote: false,
    }),
  );
}
