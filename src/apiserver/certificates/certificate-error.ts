// The one error of the certificate folder: a single line that says what is wrong and what to do.

/** Thrown for anything wrong with certificates or their folder. `message` is one line, fit for the terminal as it is. */
export class CertificateError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CertificateError';
  }
}
