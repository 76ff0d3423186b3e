// Reads an Accept header as far as documents need it.

/** One media range of an Accept header. */
export interface MediaRange {
  /** `application/json`, `application/*`, in lower case. */
  readonly type: string;
  /** Between 0 and 1. */
  readonly quality: number;
  /** Parameters without `q`, such as `as` and `v`; names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The media ranges in the order of their quality, else of the header. No header, or an empty one, asks for anything. */
export function mediaRanges(accept: string | undefined): readonly MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...rest] = part.split(';');
    if (type.trim() === '') continue;
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters.set(parameter.slice(0, equals).trim().toLowerCase(), unquoted(parameter.slice(equals + 1).trim()));
    }
    const quality = Number(parameters.get('q') ?? 1);
    parameters.delete('q');
    ranges.push({ type: type.trim().toLowerCase(), quality: quality >= 0 && quality <= 1 ? quality : 1, parameters });
  }
  if (ranges.length === 0) return [{ type: '*/*', quality: 1, parameters: new Map() }];
  return ranges.sort((a, b) => b.quality - a.quality);
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

/** Whether a media range such as `application/*` takes this type. */
export function takes(range: MediaRange, type: string): boolean {
  return range.type === type || range.type === '*/*' || (range.type.endsWith('/*') && type.startsWith(range.type.slice(0, -1)));
}
