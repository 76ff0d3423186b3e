// The rounds of mutating admission: what plugins of the user's own have changed, the plugins before them see once more.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
import { deepEqual } from '../../apimachinery/equality.js';
import type { Mutable } from '../../apimachinery/object.js';

/** One request's way through the mutating plugins: a first round, and a second one when something asks for it. */
export class Rounds {
  /** The second round is on: only who is due is asked. */
  again = false;
  /** A second round is wanted. */
  wanted = false;
  #invoked: Map<string, Invocations> | undefined;

  /** @param plugin its name */
  of(plugin: string): Invocations {
    const all = (this.#invoked ??= new Map<string, Invocations>());
    let invoked = all.get(plugin);
    if (invoked === undefined) all.set(plugin, (invoked = new Invocations(this)));
    return invoked;
  }
}

/** What one plugin has asked in a request: webhooks, or policies with their bindings. */
export class Invocations {
  /** Asked already, and to be asked again when the object changes after that. */
  readonly #before = new Set<unknown>();
  readonly #due = new Set<unknown>();
  #output: unknown;

  constructor(private readonly rounds: Rounds) {}

  /** Whether it is to be asked in this round. */
  isDue(one: unknown): boolean {
    return !this.rounds.again || this.#due.has(one);
  }

  /** Call before the plugin asks anybody: what other plugins have changed in the second round counts as well. */
  begin(object: Mutable): void {
    if (this.rounds.again && this.#before.size > 0 && !deepEqual(object, this.#output)) this.#repeat();
  }

  /** Call after each that was asked: those before it are due again when it has changed the object. */
  done(one: unknown, changed: boolean, reinvoked: boolean): void {
    if (changed) {
      this.rounds.wanted = true;
      this.#repeat();
    }
    if (reinvoked) this.#before.add(one);
  }

  /** Call when all were asked. */
  end(object: Mutable): void {
    if (!this.rounds.again && this.#before.size > 0) this.#output = structuredClone(object);
  }

  #repeat(): void {
    for (const one of this.#before) this.#due.add(one);
    this.#before.clear();
  }
}
