// Warnings as headers. https://kubernetes.io/docs/reference/using-api/api-concepts/#validation-for-unrecognized-or-duplicate-fields

/** The most warnings about one request, the most bytes of all together, and of each when they are more: the real server's limits. */
const mostWarnings = 100;
const mostBytes = 4096;
const mostBytesOfOne = 256;

/** One `Warning` header for each text, each text once. https://datatracker.ietf.org/doc/html/rfc7234#section-5.5 */
export function warningHeaders(warnings: readonly string[]): readonly string[] {
  const texts = [...new Set(warnings)].slice(0, mostWarnings);
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text);
  if (bytes <= mostBytes) return texts.map(headerOf);
  const kept: string[] = [];
  bytes = 0;
  for (const text of texts) {
    const short = truncated(text);
    bytes += Buffer.byteLength(short);
    if (bytes > mostBytes) break;
    kept.push(headerOf(short));
  }
  return kept;
}

function truncated(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= mostBytesOfOne) return text;
  // A character that was cut through is left out.
  return bytes
    .subarray(0, mostBytesOfOne)
    .toString()
    .replace(/\ufffd$/, '');
}

/** Headers carry bytes: characters beyond ASCII go as their UTF-8, line breaks and other control characters as a space. */
function headerOf(text: string): string {
  const quoted = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')

    .replace(/[\u0000-\u001f\u007f]+/g, ' ');
  return Buffer.from(`299 - "${quoted}"`).toString('latin1');
}
