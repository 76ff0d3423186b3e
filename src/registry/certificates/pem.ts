// Blocks of text that hold binary data. https://www.rfc-editor.org/rfc/rfc7468
const begin = '-----BEGIN ';
const dashes = '-----';

export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly der: Buffer;
}

/** The blocks of the text, in order; what is between them does not count. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
    const lineEnd = text.indexOf('\n', at);
    const first = text.slice(at, lineEnd < 0 ? text.length : lineEnd).trimEnd();
    const startsLine = at === 0 || text[at - 1] === '\n';
    at += begin.length;
    if (lineEnd < 0 || !startsLine || !first.endsWith(dashes)) continue;
    const type = first.slice(begin.length, -dashes.length);
    const end = text.indexOf(`${dashes}END ${type}${dashes}`, lineEnd);
    if (end < 0) continue;
    const { hasHeaders, body } = withoutHeaders(text.slice(lineEnd + 1, end));
    if (/^[A-Za-z0-9+/=\s]*$/.test(body)) blocks.push({ type, hasHeaders, der: Buffer.from(body, 'base64') });
    at = end;
  }
  return blocks;
}

/** Headers, such as `Proc-Type: 4,ENCRYPTED`, end with an empty line. */
function withoutHeaders(content: string): { readonly hasHeaders: boolean; readonly body: string } {
  const lines = content.split('\n');
  let count = 0;
  while (count < lines.length && lines[count]!.includes(':')) count++;
  return { hasHeaders: count > 0, body: lines.slice(count).join('\n') };
}
