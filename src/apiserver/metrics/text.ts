// The text form of Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/

/** Gathers lines; the text is made once at the end. */
export class TextWriter {
  readonly #lines: string[] = [];

  head(name: string, help: string, type: 'counter' | 'gauge' | 'histogram'): void {
    this.#lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`);
  }

  /** `labels` as {@link labelText} makes it. */
  sample(name: string, labels: string, value: number): void {
    this.#lines.push(labels === '' ? `${name} ${numberText(value)}` : `${name}{${labels}} ${numberText(value)}`);
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** `code="200",verb="GET"`: in the order of the names. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  let text = '';
  for (let i = 0; i < names.length; i++) text += `${i === 0 ? '' : ','}${names[i]!}="${escaped(values[i] ?? '')}"`;
  return text;
}

function escaped(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** A number as the real server writes it: with an exponent from a million on, and below 0.0001. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && value > -1e6 && value < 1e6) return String(value);
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (Number.isNaN(value)) return 'NaN';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
