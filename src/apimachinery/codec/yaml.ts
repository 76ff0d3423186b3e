// YAML text to values, as kubectl and the API server read it: YAML 1.1, the first document only.
import {
  isCollection,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Tags,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { NumberLiteral, quote } from '../schema/problems.js';
import { deepest } from './json-reader.js';

/** The text is no YAML, or has what JSON cannot express; the message is worded as the real server's (`yaml: line 2: …`). */
export class YamlProblem extends Error {}

export interface ParsedYaml {
  readonly value: unknown;
  /** `line 3: key "a" already set in map`, in the order of the text. The last value counts. */
  readonly duplicates: readonly string[];
}

/** The most aliases that may be followed; more is a bomb. */
const mostAliases = 100;

/** Dates stay text, and so do `1:30` and the like. */
function tags(all: Tags): Tags {
  return all.filter(
    (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')),
  );
}

/**
 * Parses the first document of a YAML text; none is null. Integers that a double cannot hold are rounded, or become NumberLiteral with
 * `literals`. Throws YamlProblem.
 */
export function parseYaml(bytes: Uint8Array, literals = false): ParsedYaml {
  const text = decodeUtf8(bytes);
  if (nestsTooDeep(text)) throw new YamlProblem('yaml: exceeded max depth');
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    lineCounter: lines,
    customTags: tags,
    intAsBigInt: true,
    logLevel: 'silent',
  });
  const document = documents[0];
  if (document === undefined || !('contents' in document)) return { value: null, duplicates: [] };
  const error = document.errors[0];
  if (error !== undefined) throw new YamlProblem(`yaml: ${wording(error, text, document.errors)}`);
  const duplicates = check(document, lines);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (problem) {
    if (problem instanceof ReferenceError) throw new YamlProblem('yaml: document contains excessive aliasing');
    if (problem instanceof Error && problem.message.startsWith('Merge sources')) {
      throw new YamlProblem('yaml: map merge requires map or sequence of maps as the value');
    }
    throw problem;
  }
  return { value: asJson(value, 0, literals), duplicates };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if ((code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0x7f)
        throw new YamlProblem('yaml: control characters are not allowed');
    }
    return text;
  } catch (error) {
    if (error instanceof YamlProblem) throw error;
    throw new YamlProblem('yaml: invalid leading UTF-8 octet');
  }
}

/** Whether brackets, braces, list dashes or indentation could nest deeper than the parser's recursion should go. */
function nestsTooDeep(text: string): boolean {
  let open = 0;
  let indent = 0;
  let atStart = true;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '\n') {
      atStart = true;
      indent = 0;
    } else if (atStart && (character === ' ' || character === '-' || character === '?')) {
      if (++indent > deepest) return true;
    } else {
      atStart = false;
      if (character === '[' || character === '{') open++;
      else if ((character === ']' || character === '}') && open > 0) open--;
      if (open > deepest) return true;
    }
  }
  return false;
}

/**
 * The real server's words for what the parser found. It counts lines in two ways: from one where characters make no sense, from zero where
 * whole parts do not fit together; the first line is not named.
 */
function wording(error: YAMLParseError, text: string, all: readonly YAMLParseError[]): string {
  const line = error.linePos?.[0].line ?? 1;
  const character = (what: string, at = line): string => (at > 1 ? `line ${at}: ${what}` : what);
  const structure = (what: string): string =>
    character(what, error.pos[0] >= text.length && !text.endsWith('\n') ? line + 1 : line).replace(
      /^line (\d+)/,
      (_, at) => `line ${Math.max(Number(at) - 1, 1)}`,
    );
  const { code, message } = error;
  const before = text.slice(0, error.pos[0]).trimEnd().at(-1);
  if (code === 'TAB_AS_INDENT' || code === 'BAD_SCALAR_START') return character('found character that cannot start any token');
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    // The parser stands at the start of the value, the real server at the colon, a line further on when the value spans lines.
    const spans = all.some((other) => other.code === 'MULTILINE_IMPLICIT_KEY');
    return character('mapping values are not allowed in this context', spans ? line + 1 : line);
  }
  if (message.startsWith('Flow ') && (before === '{' || before === '[')) return structure('did not find expected node content');
  if (message.startsWith('Flow map')) return structure("did not find expected ',' or '}'");
  if (message.startsWith('Flow sequence')) return structure("did not find expected ',' or ']'");
  if (code === 'MISSING_CHAR')
    return message.includes('quote') ? character('found unexpected end of stream') : character("could not find expected ':'", line + 1);
  if (code === 'BAD_INDENT') return structure('did not find expected key');
  if (message.includes('flow-')) return structure('did not find expected node content');
  if (code === 'UNEXPECTED_TOKEN') return structure("did not find expected '-' indicator");
  return character(message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''));
}

/** Refuses aliases without an anchor and keys that are no scalars; returns the keys that a map has twice. */
function check(document: Document.Parsed, lines: LineCounter): string[] {
  const anchors = new Set<string>();
  const duplicates: string[] = [];
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor);
    },
    Alias: (_, alias, path) => {
      if (path.some((node) => 'anchor' in node && node.anchor === alias.source))
        throw new YamlProblem(`yaml: anchor '${alias.source}' value contains itself`);
      if (!anchors.has(alias.source)) throw new YamlProblem(`yaml: unknown anchor '${alias.source}' referenced`);
    },
    Map: (_, map) => {
      if (typeof map.anchor === 'string') anchors.add(map.anchor);
      duplicates.push(...keysTwice(map, lines));
    },
  });
  return duplicates;
}

function keysTwice(map: YAMLMap, lines: LineCounter): string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  for (const { key } of map.items) {
    if (isCollection(key)) throw new YamlProblem(`yaml: invalid map key: ${shownKey(key.toJSON())}`);
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const identity = `${typeof key.value}:${name}`;
    if (seen.has(identity) && name !== '<<')
      twice.push(`line ${lines.linePos(key.range?.[0] ?? 0).line}: key ${quote(name)} already set in map`);
    seen.add(identity);
  }
  return twice;
}

/** A list or map as the real server's language writes it. */
function shownKey(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(shownKey).join(', ')}}`;
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `map[string]interface {}{${Object.entries(value)
    .map(([key, one]) => `${quote(key)}:${shownKey(one)}`)
    .join(', ')}}`;
}

/** Values that JSON does not have as JSON has them: times and binary data as text, big integers as numbers, sets as maps. */
function asJson(value: unknown, depth: number, literals: boolean): unknown {
  if (depth > deepest) throw new YamlProblem('yaml: exceeded max depth');
  if (typeof value === 'bigint') return literals && BigInt(Number(value)) !== value ? new NumberLiteral(String(value)) : Number(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new YamlProblem(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => asJson(one, depth + 1, literals));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  const output: Record<string, unknown> = {};
  const entries =
    value instanceof Set ? [...value].map((one: unknown) => [one, null] as const) : value instanceof Map ? value : Object.entries(value);
  for (const [key, one] of entries) {
    Object.defineProperty(output, String(key), {
      value: asJson(one, depth + 1, literals),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return output;
}
