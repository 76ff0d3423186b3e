// `/healthz`, `/livez` and `/readyz`: whole, verbose and check by check. https://kubernetes.io/docs/reference/using-api/health-checks/

export interface HealthAnswer {
  readonly status: number;
  readonly text: string;
}

export interface HealthCheck {
  readonly name: string;
  /** Only for `readyz`. */
  readonly readyOnly?: boolean;
  /** undefined when all is well, else what is wrong. */
  check(): string | undefined;
}

export interface Health {
  /** `endpoint` is healthz, livez or readyz; `check` one check's name or ''. */
  check(endpoint: string, check: string, verbose: boolean): HealthAnswer;
}

export function createHealth(checks: readonly HealthCheck[]): Health {
  return {
    check: (endpoint, name, verbose) => {
      const asked = checks.filter((one) => (name === '' || one.name === name) && (endpoint === 'readyz' || one.readyOnly !== true));
      if (name !== '') {
        const [only] = asked;
        if (only === undefined) return { status: 404, text: '404 page not found\n' };
        const wrong = only.check();
        return wrong === undefined ? { status: 200, text: 'ok' } : { status: 500, text: `internal server error: ${wrong}\n` };
      }
      const lines = asked.map((one) => {
        const wrong = one.check();
        return { wrong, line: wrong === undefined ? `[+]${one.name} ok\n` : `[-]${one.name} failed: ${wrong}\n` };
      });
      const failed = lines.some(({ wrong }) => wrong !== undefined);
      if (!failed && !verbose) return { status: 200, text: 'ok' };
      const verdict = `${endpoint} check ${failed ? 'failed' : 'passed'}\n`;
      return { status: failed ? 500 : 200, text: lines.map(({ line }) => line).join('') + verdict };
    },
  };
}
