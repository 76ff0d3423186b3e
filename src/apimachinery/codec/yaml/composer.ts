// Puts the tokens of a YAML text together to the value of its first document. https://yaml.org/spec/1.1/#id932806
import { Steps, type Work } from '../../../clock/slices.js';
import { NumberLiteral, quote } from '../../schema/problems.js';
import { AliasBudget } from './aliases.js';
import { Mapping, scalarText, type Entry } from './mapping.js';
import { isInteger, resolvePlain, resolveTagged } from './resolve.js';
import type { Scanner } from './scanner.js';
import { problemAt, YamlProblem } from './source.js';
import { Kind, type Token } from './tokens.js';

/** More keys that come twice are not told: nobody reads them, and each takes memory. */
const mostDuplicates = 1000;

/** How many nodes are read at a time. */
const batch = 256;

interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
}

interface Anchored {
  readonly value: unknown;
  /** How many nodes it takes to write it out. */
  readonly nodes: number;
}

export class Composer {
  /** `line 3: key "a" already set in map`. */
  readonly duplicates: string[] = [];
  private readonly anchors = new Map<string, Anchored | undefined>();
  private readonly handles = new Map<string, string>([
    ['!', '!'],
    ['!!', 'tag:yaml.org,2002:'],
  ]);
  private readonly budget = new AliasBudget();
  private readonly steps = new Steps(batch);
  private leaf: unknown = null;

  constructor(
    private readonly scanner: Scanner,
    private readonly literals: boolean,
  ) {}

  /** The first document's value; none is null. What follows it is not looked at. */
  *document(): Work<unknown> {
    let token = this.scanner.peek();
    if (token.kind === Kind.streamEnd) return null;
    let hasVersion = false;
    let explicit = false;
    for (; token.kind === Kind.directive; token = this.scanner.peek()) {
      explicit = true;
      if (token.text.startsWith('YAML')) {
        if (hasVersion) throw problemAt('found duplicate %YAML directive', token.line, 0);
        if (token.text !== 'YAML 1.1') throw problemAt('found incompatible YAML document', token.line, 0);
        hasVersion = true;
      } else this.addHandle(token);
      this.scanner.take();
    }
    if (token.kind === Kind.documentStart) this.scanner.take();
    else if (explicit) throw problemAt('did not find expected <document start>', token.line, 0);
    else return yield* this.root();
    const { kind } = this.scanner.peek();
    const isEmpty = kind === Kind.directive || kind === Kind.documentStart || kind === Kind.documentEnd || kind === Kind.streamEnd;
    return isEmpty ? null : yield* this.root();
  }

  /** The document's node. The token after it is scanned, so that it must be one, and is not looked at. */
  private *root(): Work<unknown> {
    const value = yield* this.node(true);
    this.scanner.peek();
    return value;
  }

  private addHandle({ text, line }: Token): void {
    const [, handle = '', tag = ''] = text.split(/\s+/);
    if (this.handles.has(handle) && handle !== '!' && handle !== '!!') throw problemAt('found duplicate %TAG directive', line, 0);
    this.handles.set(handle, tag);
  }

  /** One node. `block`: it may be a block collection; `indentless`: even one that is not indented. */
  private *node(block: boolean, indentless = false): Work<unknown> {
    const first = this.scanner.peek();
    if (first.kind === Kind.alias) {
      this.scanner.take();
      return this.alias(first.text);
    }
    const { anchor, tag } = this.properties();
    if (this.steps.due()) yield;
    const before = this.budget.nodes;
    this.budget.count();
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const collection = this.content(block, indentless, anchor !== undefined || tag !== undefined, tag);
    const value = collection === undefined ? this.leaf : yield* collection;
    if (anchor !== undefined) this.anchors.set(anchor, { value, nodes: this.budget.nodes - before });
    return value;
  }

  private properties(): Properties {
    let anchor: string | undefined;
    let tag: string | undefined;
    for (;;) {
      const token = this.scanner.peek();
      if (token.kind === Kind.anchor && anchor === undefined) anchor = token.text;
      else if (token.kind === Kind.tag && tag === undefined) tag = this.resolveTag(token);
      else return { anchor, tag };
      this.scanner.take();
    }
  }

  private resolveTag({ text, line }: Token): string {
    const second = text.indexOf('!', 1);
    const handle = !text.startsWith('!') ? '' : second > 0 ? text.slice(0, second + 1) : '!';
    if (handle === '') return text;
    const full = this.handles.get(handle);
    if (full === undefined) throw problemAt('found undefined tag handle', line, 0);
    return full + text.slice(handle.length);
  }

  /** The work for a collection; undefined for all else, which is {@link leaf} then. As few generators as can be are in one another: texts are deep. */
  private content(block: boolean, indentless: boolean, hasProperties: boolean, tag: string | undefined): Work<unknown> | undefined {
    const token = this.scanner.peek();
    switch (token.kind) {
      case Kind.blockEntry:
        if (indentless) return this.indentlessSequence();
        break;
      case Kind.scalar:
        this.scanner.take();
        this.leaf = this.scalar(token, tag);
        return undefined;
      case Kind.flowSequenceStart:
        return this.flowSequence();
      case Kind.flowMappingStart:
        return this.flowMapping();
      case Kind.blockSequenceStart:
        if (block) return this.blockSequence();
        break;
      case Kind.blockMappingStart:
        if (block) return this.blockMapping();
        break;
      default:
    }
    if (hasProperties) {
      this.leaf = tag === undefined ? null : resolveTagged('', tag, this.literals);
      return undefined;
    }
    throw problemAt('did not find expected node content', token.line, 0);
  }

  private scalar({ text, plain }: Token, tag: string | undefined): unknown {
    if (tag !== undefined) return resolveTagged(text, tag, this.literals);
    return plain ? resolvePlain(text, this.literals) : text;
  }

  private alias(name: string): unknown {
    if (!this.anchors.has(name)) throw new YamlProblem(`yaml: unknown anchor '${name}' referenced`);
    const anchored = this.anchors.get(name);
    if (anchored === undefined) throw new YamlProblem(`yaml: anchor '${name}' value contains itself`);
    this.budget.expand(anchored.nodes);
    return anchored.value;
  }

  private *blockSequence(): Work<unknown[]> {
    this.scanner.take();
    const list: unknown[] = [];
    for (;;) {
      const token = this.scanner.take();
      if (token.kind === Kind.blockEnd) return list;
      if (token.kind !== Kind.blockEntry) throw problemAt("did not find expected '-' indicator", token.line, 0);
      const { kind } = this.scanner.peek();
      list.push(kind === Kind.blockEntry || kind === Kind.blockEnd ? (this.nothing(), null) : yield* this.node(true));
    }
  }

  private *indentlessSequence(): Work<unknown[]> {
    const list: unknown[] = [];
    while (this.scanner.peek().kind === Kind.blockEntry) {
      this.scanner.take();
      const { kind } = this.scanner.peek();
      const isEmpty = kind === Kind.blockEntry || kind === Kind.key || kind === Kind.value || kind === Kind.blockEnd;
      list.push(isEmpty ? (this.nothing(), null) : yield* this.node(true));
    }
    return list;
  }

  private *blockMapping(): Work<unknown> {
    this.scanner.take();
    const mapping = this.mapping();
    for (;;) {
      const token = this.scanner.take();
      if (token.kind === Kind.blockEnd) return yield* mapping.object();
      if (token.kind !== Kind.key) throw problemAt('did not find expected key', token.line, 0);
      const start = this.keyStart();
      const keyPart = this.blockPart();
      const key = keyOf(start, keyPart === undefined ? null : yield* keyPart);
      const part = this.scanner.peek().kind === Kind.value ? (this.scanner.take(), this.blockPart()) : this.nothing();
      mapping.add({ ...key, value: part === undefined ? null : yield* part });
    }
  }

  private blockPart(): Work<unknown> | undefined {
    const { kind } = this.scanner.peek();
    return kind === Kind.key || kind === Kind.value || kind === Kind.blockEnd ? this.nothing() : this.node(true, true);
  }

  private *flowSequence(): Work<unknown[]> {
    this.scanner.take();
    const list: unknown[] = [];
    for (let first = true; ; first = false) {
      if (!first && this.scanner.peek().kind !== Kind.flowSequenceEnd) this.entry("did not find expected ',' or ']'");
      const { kind } = this.scanner.peek();
      if (kind === Kind.flowSequenceEnd) {
        this.scanner.take();
        return list;
      }
      list.push(kind === Kind.key ? yield* this.pair() : yield* this.node(false));
    }
  }

  private entry(problem: string): void {
    const token = this.scanner.peek();
    if (token.kind !== Kind.flowEntry) throw problemAt(problem, token.line, 0);
    this.scanner.take();
  }

  /** `[a: b]`: a mapping of one pair. */
  private *pair(): Work<unknown> {
    this.scanner.take();
    this.budget.count();
    const start = this.keyStart();
    const keyPart = this.flowPart(Kind.flowSequenceEnd, Kind.value);
    const key = keyOf(start, keyPart === undefined ? null : yield* keyPart);
    const hasValue = this.scanner.peek().kind === Kind.value;
    const part = hasValue ? (this.scanner.take(), this.flowPart(Kind.flowSequenceEnd)) : this.nothing();
    const mapping = this.mapping();
    mapping.add({ ...key, value: part === undefined ? null : yield* part });
    return yield* mapping.object();
  }

  private *flowMapping(): Work<unknown> {
    this.scanner.take();
    const mapping = this.mapping();
    for (let first = true; ; first = false) {
      if (!first && this.scanner.peek().kind !== Kind.flowMappingEnd) this.entry("did not find expected ',' or '}'");
      const { kind } = this.scanner.peek();
      if (kind === Kind.flowMappingEnd) {
        this.scanner.take();
        return yield* mapping.object();
      }
      if (kind !== Kind.key) {
        const start = this.keyStart();
        mapping.add({ ...keyOf(start, yield* this.node(false)), value: (this.nothing(), null) });
        continue;
      }
      this.scanner.take();
      const start = this.keyStart();
      const keyPart = this.flowPart(Kind.flowMappingEnd, Kind.value);
      const key = keyOf(start, keyPart === undefined ? null : yield* keyPart);
      const hasValue = this.scanner.peek().kind === Kind.value;
      const part = hasValue ? (this.scanner.take(), this.flowPart(Kind.flowMappingEnd)) : this.nothing();
      mapping.add({ ...key, value: part === undefined ? null : yield* part });
    }
  }

  /** A key or value that may be left out before any of these tokens. */
  private flowPart(...ends: readonly Kind[]): Work<unknown> | undefined {
    const { kind } = this.scanner.peek();
    return kind === Kind.flowEntry || ends.includes(kind) ? this.nothing() : this.node(false);
  }

  /** A value that is left out: null, without any work. */
  private nothing(): undefined {
    this.budget.count();
    return undefined;
  }

  /** What a key begins with. */
  private keyStart(): KeyStart {
    const { line, kind, plain, text } = this.scanner.peek();
    return { line, text, isPlain: kind === Kind.scalar && plain };
  }

  private mapping(): Mapping {
    return new Mapping((key, line) => {
      if (this.duplicates.length < mostDuplicates) this.duplicates.push(`line ${line + 1}: key ${shownKey(key)} already set in map`);
    });
  }
}

interface KeyStart {
  readonly line: number;
  readonly text: string;
  readonly isPlain: boolean;
}

function keyOf({ line, text, isPlain }: KeyStart, key: unknown): Omit<Entry, 'value'> {
  return { key, line, isMerge: isPlain && text === '<<', isFloat: isPlain && typeof key === 'number' && !isInteger(text) };
}

function shownKey(key: unknown): string {
  return typeof key === 'string' ? quote(key) : key instanceof NumberLiteral ? key.text : scalarText(key);
}
