// Type parameters and what they stand for.

import type { CelType } from '../types.js';
import { dynType, elementOf, isDynamic, sameType } from '../types.js';

const primitives: ReadonlySet<string> = new Set(['bool', 'int', 'uint', 'double', 'string', 'bytes']);

/** What type parameters are bound to. `attempt` undoes what a failed comparison bound. */
export class Substitution {
  private readonly bound = new Map<string, CelType>();
  /** What was bound, in order, with what was bound before. */
  private readonly trail: (readonly [string, CelType | undefined])[] = [];
  private fresh = 0;

  /** A type parameter that no other has the name of. */
  variable(): CelType {
    return { kind: 'param', name: `_var${this.fresh++}`, parameters: [] };
  }

  /** Types with their parameters renamed to fresh ones, the same name to the same one. */
  instantiate(types: readonly CelType[]): readonly CelType[] {
    const names = new Map<string, CelType>();
    const rename = (type: CelType): CelType => {
      if (type.kind === 'param') {
        const known = names.get(type.name) ?? this.variable();
        names.set(type.name, known);
        return known;
      }
      return hasParameters(type) ? { ...type, parameters: type.parameters.map(rename) } : type;
    };
    return types.map(rename);
  }

  /** The type with its bound parameters put in; unbound ones become dyn when `final`. */
  apply(type: CelType, final = false): CelType {
    if (type.kind === 'param') {
      const value = this.bound.get(type.name);
      if (value !== undefined) return this.apply(value, final);
      return final ? dynType : type;
    }
    if (!hasParameters(type)) return type;
    return { ...type, parameters: type.parameters.map((parameter) => this.apply(parameter, final)) };
  }

  private resolve(type: CelType): CelType {
    let current = type;
    while (current.kind === 'param') {
      const value = this.bound.get(current.name);
      if (value === undefined) return current;
      current = value;
    }
    return current;
  }

  /** Whether every actual type may be used where the expected one is; binds parameters when all may. */
  assignableAll(actual: readonly CelType[], expected: readonly CelType[]): boolean {
    if (actual.length !== expected.length) return false;
    const mark = this.trail.length;
    for (const [index, type] of actual.entries()) {
      if (this.compare(type, expected[index] ?? dynType)) continue;
      this.undo(mark);
      return false;
    }
    return true;
  }

  private set(name: string, type: CelType): void {
    this.trail.push([name, this.bound.get(name)]);
    this.bound.set(name, type);
  }

  private undo(mark: number): void {
    while (this.trail.length > mark) {
      const [name, before] = this.trail.pop() ?? ['', undefined];
      if (before === undefined) this.bound.delete(name);
      else this.bound.set(name, before);
    }
  }

  assignable(actual: CelType, expected: CelType): boolean {
    return this.assignableAll([actual], [expected]);
  }

  private compare(actual: CelType, expected: CelType): boolean {
    const from = this.resolve(actual);
    const to = this.resolve(expected);
    if (to.kind === 'param') return this.bind(to, from);
    if (from.kind === 'param') return this.bind(from, to);
    if (isDynamic(from) || isDynamic(to)) {
      this.generalize(expected, from);
      return true;
    }
    if (from.kind === 'null') return to.kind === 'null' || ['object', 'wrapper', 'duration', 'timestamp', 'opaque'].includes(to.kind);
    if (to.kind === 'wrapper') return from.kind === 'wrapper' ? sameType(elementOf(from), elementOf(to)) : sameType(from, elementOf(to));
    if (from.kind === 'wrapper') return sameType(elementOf(from), to);
    if (primitives.has(from.kind)) return from.kind === to.kind;
    if (from.kind !== to.kind || from.name !== to.name) {
      // What is bound to null may be bound to something that can be null.
      return (
        to.kind === 'null' &&
        expected.kind === 'param' &&
        ['object', 'wrapper', 'duration', 'timestamp', 'opaque'].includes(from.kind) &&
        this.rebind(expected, from)
      );
    }
    if (from.kind === 'type') return true;
    return (
      from.parameters.length === to.parameters.length &&
      from.parameters.every((parameter, index) => this.compare(parameter, to.parameters[index] ?? dynType))
    );
  }

  private bind(parameter: CelType, type: CelType): boolean {
    if (type.kind === 'param' && type.name === parameter.name) return true;
    if (this.mentions(type, parameter.name)) return false;
    this.set(parameter.name, type);
    return true;
  }

  /** A parameter that met dyn stands for dyn from then on. */
  private generalize(expected: CelType, from: CelType): void {
    if (expected.kind === 'param' && from.kind === 'dyn') this.rebind(expected, from);
  }

  private rebind(parameter: CelType, type: CelType): boolean {
    let current = parameter;
    for (;;) {
      const next = this.bound.get(current.name);
      if (next?.kind !== 'param') break;
      current = next;
    }
    this.set(current.name, type);
    return true;
  }

  private mentions(type: CelType, name: string): boolean {
    const resolved = this.resolve(type);
    if (resolved.kind === 'param') return resolved.name === name;
    return resolved.parameters.some((parameter) => this.mentions(parameter, name));
  }

  /** The type of two alternatives: the more general one, or dyn. */
  join(left: CelType | undefined, right: CelType): CelType {
    if (left === undefined || (primitives.has(left.kind) && left.kind === right.kind)) return right;
    if (this.assignable(left, right)) return this.moreGeneral(left, right);
    return this.assignable(right, left) ? this.moreGeneral(left, right) : dynType;
  }

  private moreGeneral(left: CelType, right: CelType): CelType {
    const one = this.resolve(left);
    const other = this.resolve(right);
    if (isDynamic(one)) return left;
    if (isDynamic(other)) return right;
    if (other.kind === 'wrapper' || one.kind === 'null') return right;
    if (one.kind !== other.kind || one.parameters.length === 0) return left;
    return {
      ...one,
      parameters: one.parameters.map((parameter, index) => this.moreGeneral(parameter, other.parameters[index] ?? parameter)),
    };
  }
}

function hasParameters(type: CelType): boolean {
  return type.parameters.some((parameter) => parameter.kind === 'param' || hasParameters(parameter));
}
