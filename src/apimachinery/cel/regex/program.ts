// A compiled regular expression as flat tables, for searches that may be interrupted. https://swtch.com/~rsc/regexp/regexp2.html

import type { RE2JS } from 're2js';

/** What an instruction does. */
export const op = { fail: 0, alternative: 1, assertion: 2, match: 3, rune: 4 } as const;

/** What assertions look at, as bits. */
export const edge = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 } as const;

export type RuneTest = (rune: number) => boolean;

export interface RegexProgram {
  readonly size: number;
  readonly start: number;
  readonly ops: Uint8Array;
  /** Where it goes on. */
  readonly out: Int32Array;
  /** Of an alternative: where else; of an assertion: its bits; of a rune: which of `sets` it must be in. */
  readonly arg: Int32Array;
  readonly sets: readonly RuneTest[];
  /** A match begins where the text does. */
  readonly anchored: boolean;
}

/** The library's own form, as far as it is read here. */
interface LibraryInstruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: Int32Array;
  matchRune(rune: number): boolean;
}

interface LibraryProgram {
  readonly inst: readonly LibraryInstruction[];
  readonly start: number;
}

/** The library's operations by their numbers. */
const libraryOps = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  emptyWidth: 4,
  match: 6,
  nop: 7,
  rune: 8,
  rune1: 9,
  any: 10,
  anyNotNewline: 11,
} as const;

/** Sets of runes, each once however often the expression repeats it. */
class Sets {
  readonly tests: RuneTest[] = [];
  readonly #known = new Map<string, { readonly runes: Int32Array; readonly set: number }[]>();

  of(instruction: LibraryInstruction): number {
    const { runes, op: kind, arg } = instruction;
    const key = `${kind},${arg},${runes.length},${runes[0] ?? ''},${runes.at(-1) ?? ''}`;
    const known = this.#known.get(key) ?? [];
    const same = known.find((one) => one.runes === runes || one.runes.every((rune, index) => rune === runes[index]));
    if (same !== undefined) return same.set;
    const set = this.tests.length;
    known.push({ runes, set });
    this.#known.set(key, known);
    if (kind === libraryOps.any) this.tests.push(() => true);
    else if (kind === libraryOps.anyNotNewline) this.tests.push((rune) => rune !== 10);
    else this.tests.push((rune) => instruction.matchRune(rune));
    return set;
  }
}

export function programOf(compiled: RE2JS): RegexProgram {
  const { inst, start } = (compiled.re2() as unknown as { readonly prog: LibraryProgram }).prog;
  // Groups are not asked for: what only marks them is left out.
  const past = (pc: number): number => {
    let at = pc;
    while (inst[at]!.op === libraryOps.nop || inst[at]!.op === libraryOps.capture) at = inst[at]!.out;
    return at;
  };
  const size = inst.length;
  const ops = new Uint8Array(size);
  const out = new Int32Array(size);
  const arg = new Int32Array(size);
  const sets = new Sets();
  for (let pc = 0; pc < size; pc++) {
    const instruction = inst[pc]!;
    switch (instruction.op) {
      case libraryOps.alt:
      case libraryOps.altMatch:
        ops[pc] = op.alternative;
        out[pc] = past(instruction.out);
        arg[pc] = past(instruction.arg);
        break;
      case libraryOps.emptyWidth:
        ops[pc] = op.assertion;
        out[pc] = past(instruction.out);
        arg[pc] = instruction.arg;
        break;
      case libraryOps.match:
        ops[pc] = op.match;
        break;
      case libraryOps.rune:
      case libraryOps.rune1:
      case libraryOps.any:
      case libraryOps.anyNotNewline:
        ops[pc] = op.rune;
        out[pc] = past(instruction.out);
        arg[pc] = sets.of(instruction);
    }
  }
  const first = past(start);
  return { size, start: first, ops, out, arg, sets: sets.tests, anchored: isAnchored(ops, out, arg, first) };
}

function isAnchored(ops: Uint8Array, out: Int32Array, arg: Int32Array, start: number): boolean {
  for (let pc = start; ops[pc] === op.assertion; pc = out[pc]!) if ((arg[pc]! & edge.beginText) !== 0) return true;
  return false;
}
