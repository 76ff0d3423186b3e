// The answer as a Markdown table: it reads well on a terminal and can be pasted into docs/benchmarks.md.
import { figures, ratio, type Figure, type Samples } from './figures.js';

export interface Column {
  readonly title: string;
  readonly samples: Samples;
}

/** Columns: what, ours, then for another server its figures, the ratio, the ratio aimed at and whether it was reached; the ceiling last. Rows that nobody measured are left out. */
export function table(ours: Column, against: Column | undefined, ceiling: Column | undefined): string {
  const header = [
    '',
    ours.title,
    ...(against === undefined ? [] : [against.title, 'ratio', 'target', '']),
    ...(ceiling === undefined ? [] : [ceiling.title]),
  ];
  const rows = figures
    .filter(({ key }) => [ours, against, ceiling].some((column) => (column?.samples.all(key).length ?? 0) > 0))
    .map((figure) => row(figure, ours, against, ceiling));
  return aligned([header, ...rows]);
}

function row(figure: Figure, ours: Column, against: Column | undefined, ceiling: Column | undefined): string[] {
  const mine = ours.samples.median(figure.key);
  const theirs = against?.samples.median(figure.key);
  const reached = ratio(figure, mine, theirs);
  const compared = [
    amount(figure, theirs),
    reached === undefined ? '' : `${reached.toFixed(reached < 10 ? 2 : 1)} ×`,
    figure.target === undefined ? '' : `≥ ${figure.target} ×`,
    reached === undefined || figure.target === undefined ? '' : reached >= figure.target ? 'reached' : 'missed',
  ];
  return [
    figure.title,
    amount(figure, mine),
    ...(against === undefined ? [] : compared),
    ...(ceiling === undefined ? [] : [amount(figure, ceiling.samples.median(figure.key))]),
  ];
}

/** Three figures that count, with the unit. */
export function amount({ unit }: Figure, value: number | undefined): string {
  if (value === undefined) return '–';
  const text = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
  return unit === '/s' ? `${text}${unit}` : `${text} ${unit}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
