// Makes what kubectl prints comparable: ages, generated names and column widths differ from run to run.

/** `12s`, `3m4s`, `2d`: an age as kubectl prints it. */
const age = String.raw`(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?(?<=\d[smhdy])`;
const ageCell = new RegExp(`(?<=^|\\s|\\()${age}(?=$|\\s|\\))`, 'gm');
/** Names that the API server or a controller has made up: the letters are those of Kubernetes' own generator. */
const generated = /-[bcdf-hj-np-tv-xz2-9]{5}\b/g;
const templateHash = /-[bcdf-hj-np-tv-xz2-9]{8,10}(?=-<id>|\b)/g;

/** Ages become `<age>`, runs of spaces between columns two spaces, trailing spaces go. */
export function aged(text: string): string {
  return text
    .replace(ageCell, '<age>')
    .split('\n')
    .map((line) => line.replace(/(?<=\S) {2,}/g, '  ').trimEnd())
    .join('\n');
}

/** As {@link aged}, and generated names become `-<id>`, the hashes of pod templates `-<hash>`. */
export function normalised(text: string): string {
  return aged(text).replace(generated, '-<id>').replace(templateHash, '-<hash>');
}

/** The lines of a text, without the last, empty one. */
export function lines(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
