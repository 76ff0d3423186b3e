// What a YAML text is made of. https://yaml.org/spec/1.1/#id864687

export const Kind = {
  streamEnd: 0,
  directive: 1,
  documentStart: 2,
  documentEnd: 3,
  blockSequenceStart: 4,
  blockMappingStart: 5,
  blockEnd: 6,
  flowSequenceStart: 7,
  flowSequenceEnd: 8,
  flowMappingStart: 9,
  flowMappingEnd: 10,
  blockEntry: 11,
  flowEntry: 12,
  key: 13,
  value: 14,
  alias: 15,
  anchor: 16,
  tag: 17,
  scalar: 18,
} as const;

export type Kind = (typeof Kind)[keyof typeof Kind];

export interface Token {
  readonly kind: Kind;
  /** From zero. */
  readonly line: number;
  /** Of a scalar its text, of an alias or anchor its name, of a tag the tag as it is written, of a directive its line. */
  readonly text: string;
  /** Of a scalar: whether it has no quotes, so that it may be a number. */
  readonly plain: boolean;
}
