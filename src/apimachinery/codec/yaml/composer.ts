// Puts the tokens of a YAML text together to the value of its first document. https://yaml.org/spec/1.1/#id932806
import { NumberLiteral, quote } from '../../schema/problems.js';
import { AliasBudget } from './aliases.js';
import { Mapping, scalarText, type Entry } from './mapping.js';
import { isInteger, resolvePlain, resolveTagged } from './resolve.js';
import type { Scanner } from './scanner.js';
import { problemAt, YamlProblem } from './source.js';
import { Kind, type Token } from './tokens.js';

/** More keys that come twice are not told: nobody reads them, and each takes memory. */
const mostDuplicates = 1000;

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

  constructor(
    private readonly scanner: Scanner,
    private readonly literals: boolean,
  ) {}

  /** The first document's value; none is null. What follows it is not looked at. */
  document(): unknown {
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
    else return this.root();
    const { kind } = this.scanner.peek();
    const isEmpty = kind === Kind.directive || kind === Kind.documentStart || kind === Kind.documentEnd || kind === Kind.streamEnd;
    return isEmpty ? null : this.root();
  }

  /** The document's node. The token after it is scanned, so that it must be one, and is not looked at. */
  private root(): unknown {
    const value = this.node(true);
    this.scanner.peek();
    return value;
  }

  private addHandle({ text, line }: Token): void {
    const [, handle = '', tag = ''] = text.split(/\s+/);
    if (this.handles.has(handle) && handle !== '!' && handle !== '!!') throw problemAt('found duplicate %TAG directive', line, 0);
    this.handles.set(handle, tag);
  }

  /** One node. `block`: it may be a block collection; `indentless`: even one that is not indented. */
  private node(block: boolean, indentless = false): unknown {
    const first = this.scanner.peek();
    if (first.kind === Kind.alias) {
      this.scanner.take();
      return this.alias(first.text);
    }
    const { anchor, tag } = this.properties();
    const before = this.budget.nodes;
    this.budget.count();
    if (anchor !== undefined) this.anchors.set(anchor, undefined);
    const value = this.content(block, indentless, anchor !== undefined || tag !== undefined, tag);
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

  private content(block: boolean, indentless: boolean, hasProperties: boolean, tag: string | undefined): unknown {
    const token = this.scanner.peek();
    switch (token.kind) {
      case Kind.blockEntry:
        if (indentless) return this.indentlessSequence();
        break;
      case Kind.scalar:
        this.scanner.take();
        return this.scalar(token, tag);
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
    if (hasProperties) return tag === undefined ? null : resolveTagged('', tag, this.literals);
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

  private blockSequence(): unknown[] {
    this.scanner.take();
    const list: unknown[] = [];
    for (;;) {
      const token = this.scanner.take();
      if (token.kind === Kind.blockEnd) return list;
      if (token.kind !== Kind.blockEntry) throw problemAt("did not find expected '-' indicator", token.line, 0);
      const { kind } = this.scanner.peek();
      list.push(kind === Kind.blockEntry || kind === Kind.blockEnd ? this.nothing() : this.node(true));
    }
  }

  private indentlessSequence(): unknown[] {
    const list: unknown[] = [];
    while (this.scanner.peek().kind === Kind.blockEntry) {
      this.scanner.take();
      const { kind } = this.scanner.peek();
      const isEmpty = kind === Kind.blockEntry || kind === Kind.key || kind === Kind.value || kind === Kind.blockEnd;
      list.push(isEmpty ? this.nothing() : this.node(true));
    }
    return list;
  }

  private blockMapping(): unknown {
    this.scanner.take();
    const mapping = this.mapping();
    for (;;) {
      const token = this.scanner.take();
      if (token.kind === Kind.blockEnd) return mapping.object();
      if (token.kind !== Kind.key) throw problemAt('did not find expected key', token.line, 0);
      const key = this.key(() => this.blockPart());
      const value = this.scanner.peek().kind === Kind.value ? (this.scanner.take(), this.blockPart()) : this.nothing();
      mapping.add({ ...key, value });
    }
  }

  private blockPart(): unknown {
    const { kind } = this.scanner.peek();
    return kind === Kind.key || kind === Kind.value || kind === Kind.blockEnd ? this.nothing() : this.node(true, true);
  }

  private flowSequence(): unknown[] {
    this.scanner.take();
    const list: unknown[] = [];
    for (let first = true; ; first = false) {
      if (!first && this.scanner.peek().kind !== Kind.flowSequenceEnd) this.entry("did not find expected ',' or ']'");
      const { kind } = this.scanner.peek();
      if (kind === Kind.flowSequenceEnd) {
        this.scanner.take();
        return list;
      }
      list.push(kind === Kind.key ? this.pair() : this.node(false));
    }
  }

  private entry(problem: string): void {
    const token = this.scanner.peek();
    if (token.kind !== Kind.flowEntry) throw problemAt(problem, token.line, 0);
    this.scanner.take();
  }

  /** `[a: b]`: a mapping of one pair. */
  private pair(): unknown {
    this.scanner.take();
    this.budget.count();
    const key = this.key(() => this.flowPart(Kind.flowSequenceEnd, Kind.value));
    const hasValue = this.scanner.peek().kind === Kind.value;
    const value = hasValue ? (this.scanner.take(), this.flowPart(Kind.flowSequenceEnd)) : this.nothing();
    const mapping = this.mapping();
    mapping.add({ ...key, value });
    return mapping.object();
  }

  private flowMapping(): unknown {
    this.scanner.take();
    const mapping = this.mapping();
    for (let first = true; ; first = false) {
      if (!first && this.scanner.peek().kind !== Kind.flowMappingEnd) this.entry("did not find expected ',' or '}'");
      const { kind } = this.scanner.peek();
      if (kind === Kind.flowMappingEnd) {
        this.scanner.take();
        return mapping.object();
      }
      if (kind !== Kind.key) {
        mapping.add({ ...this.key(() => this.node(false)), value: this.nothing() });
        continue;
      }
      this.scanner.take();
      const key = this.key(() => this.flowPart(Kind.flowMappingEnd, Kind.value));
      const hasValue = this.scanner.peek().kind === Kind.value;
      mapping.add({ ...key, value: hasValue ? (this.scanner.take(), this.flowPart(Kind.flowMappingEnd)) : this.nothing() });
    }
  }

  /** A key or value that may be left out before any of these tokens. */
  private flowPart(...ends: readonly Kind[]): unknown {
    const { kind } = this.scanner.peek();
    return kind === Kind.flowEntry || ends.includes(kind) ? this.nothing() : this.node(false);
  }

  private nothing(): null {
    this.budget.count();
    return null;
  }

  private key(read: () => unknown): Omit<Entry, 'value'> {
    const { line, kind, plain, text } = this.scanner.peek();
    const isPlain = kind === Kind.scalar && plain;
    const key = read();
    return { key, line, isMerge: isPlain && text === '<<', isFloat: isPlain && typeof key === 'number' && !isInteger(text) };
  }

  private mapping(): Mapping {
    return new Mapping((key, line) => {
      if (this.duplicates.length < mostDuplicates) this.duplicates.push(`line ${line + 1}: key ${shownKey(key)} already set in map`);
    });
  }
}

function shownKey(key: unknown): string {
  return typeof key === 'string' ? quote(key) : key instanceof NumberLiteral ? key.text : scalarText(key);
}
