// A KubeSchedulerConfiguration that cannot be.

/** `message` is one line for the terminal: what is wrong, and what may stand there. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}
