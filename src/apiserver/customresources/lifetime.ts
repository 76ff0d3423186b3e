// How long a kind that was defined at run time lasts.
import type { KindLifetime } from '../../registry/kind.js';

export class Lifetime implements KindLifetime {
  readonly #listeners = new Set<() => void>();
  #over = false;

  onEnd(run: () => void): () => void {
    if (this.#over) run();
    else this.#listeners.add(run);
    return () => this.#listeners.delete(run);
  }

  /** Idempotent. */
  end(): void {
    this.#over = true;
    for (const run of [...this.#listeners]) run();
    this.#listeners.clear();
  }
}
