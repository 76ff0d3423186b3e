// Blocks of text that hold binary data. https://www.rfc-editor.org/rfc/rfc7468
const begin = '-----BEGIN ';
const dashes = '-----';

export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly der: Buffer;
}

/** The blocks of the text, in order; what is between them does not count. Takes time in proportion to the text, whatever it says. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  const ends = endsOf(text);
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd < 0) break;
    const startsLine = at === 0 || text[at - 1] === '\n';
    const first = startsLine ? text.slice(at, lineEnd).trimEnd() : '';
    at += begin.length;
    if (!first.endsWith(dashes)) {
      // The rest of a line that is none has been looked at.
      at = Math.max(at, lineEnd);
      continue;
    }
    const type = first.slice(begin.length, -dashes.length);
    const end = ends.next(type, lineEnd);
    if (end === undefined) continue;
    const { hasHeaders, body } = withoutHeaders(text.slice(lineEnd + 1, end));
    if (/^[A-Za-z0-9+/=\s]*$/.test(body)) blocks.push({ type, hasHeaders, der: Buffer.from(body, 'base64') });
    at = end;
  }
  return blocks;
}

/** Where blocks of each type end; asked from the front to the back. */
function endsOf(text: string): { next(type: string, after: number): number | undefined } {
  const known = new Map<string, { at: number; readonly all: number[] }>();
  const mark = `${dashes}END `;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    const type = text.slice(at + mark.length, Math.max(at + mark.length, text.indexOf(dashes, at + mark.length)));
    const found = known.get(type);
    if (found === undefined) known.set(type, { at: 0, all: [at] });
    else found.all.push(at);
  }
  return {
    next(type, after) {
      const found = known.get(type);
      if (found === undefined) return undefined;
      while (found.at < found.all.length && found.all[found.at]! < after) found.at++;
      return found.all[found.at];
    },
  };
}

/** Headers, such as `Proc-Type: 4,ENCRYPTED`, end with an empty line. */
function withoutHeaders(content: string): { readonly hasHeaders: boolean; readonly body: string } {
  const lines = content.split('\n');
  let count = 0;
  while (count < lines.length && lines[count]!.includes(':')) count++;
  return { hasHeaders: count > 0, body: lines.slice(count).join('\n') };
}
