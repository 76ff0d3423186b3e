// Where a validation is in the object, and what it found there.
import { Patience } from '../../../apimachinery/cel/regex/patience.js';
import { invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';

/** An error with the place of the value whose rule is broken. */
export interface Found extends FieldError {
  readonly steps: readonly (string | number)[];
}

/** A place in a walk, and what was found up to it. */
export interface Mark {
  readonly errors: Found[];
  readonly found: number;
  readonly matches: number;
  readonly depth: number;
}

/** One run of a validator: the path as a stack that is read only when something is wrong. */
export class ValidationWalk {
  errors: Found[] = [];
  /** How many rules were looked at: of several alternatives that fail, the real server tells of the one that got furthest. */
  matches = 0;
  /** For patterns on long texts. */
  readonly patience = new Patience();
  /** What was looked at since others had their turn. */
  parts = 0;
  readonly #steps: (string | number)[] = [];

  /**
   * @param above what the path of fields begins with, such as `status`; messages leave it out
   * @param dotted a dot stands before an index too, as the real server has it in defaults
   */
  constructor(
    private readonly above = '',
    private readonly dotted = false,
  ) {}

  push(step: string | number): void {
    this.#steps.push(step);
  }

  pop(): void {
    this.#steps.pop();
  }

  /** `spec.list[0].name`, as messages have it. */
  get path(): string {
    let path = '';
    for (const step of this.#steps) path += typeof step === 'number' ? `[${step}]` : path === '' ? step : `.${step}`;
    return path;
  }

  get depth(): number {
    return this.#steps.length;
  }

  /** Takes the walk back to where it was, whatever was found since. */
  back({ errors, found, matches, depth }: Mark): void {
    errors.length = found;
    this.errors = errors;
    this.matches = matches;
    this.#steps.length = depth;
  }

  get field(): string {
    const { path } = this;
    if (this.above === '') return path;
    return path === '' ? this.above : `${this.above}${path.startsWith('[') && !this.dotted ? '' : '.'}${path}`;
  }

  add(reason: FieldError['reason'], message: string, field = this.field): void {
    if (this.errors.length < mostErrors) this.errors.push({ field, reason, message, steps: [...this.#steps] });
  }

  /** A value that breaks a rule. */
  invalid(value: unknown, why: string): void {
    this.add('FieldValueInvalid', invalid('', value, why).message);
  }

  /** An error of a combination of schemas, which names its place in its message alone. */
  combined(message: string): void {
    this.add('FieldValueInvalid', `Invalid value: "": ${message}`, '<nil>');
  }
}

/** Far more than anybody reads: an object that is wrong in a hundred thousand places is told of these. */
const mostErrors = 5_000;
