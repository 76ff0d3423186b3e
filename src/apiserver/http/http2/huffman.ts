// The Huffman code of header fields. https://www.rfc-editor.org/rfc/rfc7541#appendix-B
import { ConnectionError, errorCodes } from './constants.js';

/** How many bits each byte's code has. The code is canonical: the lengths say all. */
const lengths = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10,
  12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7,
  7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22,
  23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22,
  23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20,
  24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];
/** The code's end mark, which no string may contain. */
const endLength = 30;

/** A state machine that takes four bits at a time: no code is so short that two would end within them. */
interface Machine {
  /** By state × 16 + bits: the next state, with `emits` and the byte above it when a code ended; -1 when there is no such code. */
  readonly steps: Int32Array;
  /** Whether a string may end in a state: what is left is padding, fewer than eight bits that are all set. */
  readonly mayEnd: Uint8Array;
}

const emits = 1 << 16;

function build(): Machine {
  // The tree, node by node: children by bit; negative ones are leaves, -2 - byte.
  const children: [number, number][] = [[-1, -1]];
  const padding = [true];
  const depth = [0];
  const insert = (code: number, length: number, leaf: number): void => {
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const side = (code >>> bit) & 1;
      let next = children[node]![side]!;
      if (next < 0) {
        next = children.push([-1, -1]) - 1;
        padding.push(padding[node]! && side === 1);
        depth.push(depth[node]! + 1);
        children[node]![side] = next;
      }
      node = next;
    }
    children[node]![code & 1] = leaf;
  };
  const symbols = [...lengths.map((length, symbol) => ({ length, symbol })), { length: endLength, symbol: 256 }];
  symbols.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  let code = 0;
  let last = symbols[0]!.length;
  for (const { length, symbol } of symbols) {
    code <<= length - last;
    last = length;
    if (symbol < 256) insert(code, length, -2 - symbol);
    code++;
  }
  const steps = new Int32Array(children.length * 16);
  for (let state = 0; state < children.length; state++) {
    for (let bits = 0; bits < 16; bits++) {
      let node = state;
      let emitted = 0;
      for (let bit = 3; bit >= 0 && node >= 0; bit--) {
        const next = children[node]![(bits >>> bit) & 1]!;
        if (next <= -2) {
          emitted = emits | ((-2 - next) << 17);
          node = 0;
        } else node = next;
      }
      steps[state * 16 + bits] = node < 0 ? -1 : node | emitted;
    }
  }
  const mayEnd = Uint8Array.from(children, (_pair, state) => (padding[state] && depth[state]! < 8 ? 1 : 0));
  return { steps, mayEnd };
}

/** Decodes strings; one a connection, since it keeps a buffer for its work. The machine is made when the first string comes. */
export class HuffmanDecoder {
  #scratch = Buffer.allocUnsafe(256);

  constructor(private readonly machine: () => Machine) {}

  /** The string in `bytes` from `start` to `end`, one character a byte. Throws a ConnectionError for what is no code. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    const { steps, mayEnd } = this.machine();
    // No code is shorter than five bits.
    const most = (((end - start) * 8) / 5 + 1) | 0;
    if (this.#scratch.length < most) this.#scratch = Buffer.allocUnsafe(most);
    const out = this.#scratch;
    let length = 0;
    let state = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      let step = steps[state * 16 + (byte >>> 4)]!;
      if (step < 0) throw noSuchCode();
      if ((step & emits) !== 0) out[length++] = step >>> 17;
      step = steps[(step & 0xffff) * 16 + (byte & 15)]!;
      if (step < 0) throw noSuchCode();
      if ((step & emits) !== 0) out[length++] = step >>> 17;
      state = step & 0xffff;
    }
    if (mayEnd[state] !== 1) throw noSuchCode();
    return out.toString('latin1', 0, length);
  }
}

function noSuchCode(): ConnectionError {
  return new ConnectionError(errorCodes.compression, 'a header field holds no valid Huffman code');
}

/** Gives the state machine, made at the first call. */
export function huffmanMachine(): () => Machine {
  let machine: Machine | undefined;
  return () => (machine ??= build());
}
