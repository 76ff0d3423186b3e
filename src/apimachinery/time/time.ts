// RFC 3339 times as Kubernetes' Time (whole seconds) and MicroTime (microseconds) read and write them.

/** The text is no time; the message is the real server's. */
export class TimeError extends Error {}

/** A time's parts: milliseconds since the epoch of its whole second, and the digits after the point. */
interface Parsed {
  readonly seconds: number;
  readonly fraction: string;
}

const timeLayout = '2006-01-02T15:04:05Z07:00';
const microTimeLayout = '2006-01-02T15:04:05.000000Z07:00';

/** The time that stands for none: the server writes null for it. */
export const zeroTime = '0001-01-01T00:00:00Z';
export const zeroMicroTime = '0001-01-01T00:00:00.000000Z';

/** A text of RFC 3339 as a Time in UTC: `2026-11-21T12:24:57.5+01:00` to `2026-11-21T11:24:57Z`. Throws TimeError. */
export function canonicalTime(text: string): string {
  if (text.length === 20 && text.endsWith('Z') && isCanonicalStart(text)) return text;
  return `${format(parse(text, false).seconds)}Z`;
}

/** A text of RFC 3339 with six decimals as a MicroTime in UTC. Throws TimeError. */
export function canonicalMicroTime(text: string): string {
  const { seconds, fraction } = parse(text, true);
  return `${format(seconds)}.${fraction}Z`;
}

/** Milliseconds since the epoch of an RFC 3339 text; fractions below a millisecond are cut. Throws TimeError. */
export function parseTime(text: string): number {
  const { seconds, fraction } = parse(text, false);
  return seconds + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Whether the first 19 characters are a date and time as we would write it, the day in the range that all months have. */
function isCanonicalStart(text: string): boolean {
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return false;
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  return (
    twoDigits(text, 0) >= 0 &&
    twoDigits(text, 2) >= 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 28 &&
    within(twoDigits(text, 11), 23) &&
    within(twoDigits(text, 14), 59) &&
    within(twoDigits(text, 17), 59)
  );
}

function within(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

/** The number in two characters, -1 when they are no digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** `2026-11-21T11:24:57`; years have at least four digits. */
function format(seconds: number): string {
  const date = new Date(seconds);
  const year = date.getUTCFullYear();
  const years = year < 0 ? `-${pad(-year, 4)}` : pad(year, 4);
  const clock = `${pad(date.getUTCHours(), 2)}:${pad(date.getUTCMinutes(), 2)}:${pad(date.getUTCSeconds(), 2)}`;
  return `${years}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}T${clock}`;
}

function pad(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

/** Reads a text from left to right. A part out of its range is an error at once, but the day only at the end, when the month is known to be right. */
class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly layout: string,
  ) {}

  /** The rest of the text cannot be this part of the layout. */
  cannot(part: string): TimeError {
    return new TimeError(`parsing time ${quoteBytes(this.text)} as "${this.layout}": cannot parse ${quoteBytes(this.rest())} as "${part}"`);
  }

  wrong(why: string): TimeError {
    return new TimeError(`parsing time ${quoteBytes(this.text)}: ${why}`);
  }

  rest(): string {
    return this.text.slice(this.at);
  }

  literal(character: string): void {
    if (this.text[this.at] !== character) throw this.cannot(character);
    this.at++;
  }

  year(): number {
    const century = twoDigits(this.text, this.at);
    const year = twoDigits(this.text, this.at + 2);
    if (century < 0 || year < 0) throw this.cannot('2006');
    this.at += 4;
    return century * 100 + year;
  }

  two(part: string): number {
    const value = twoDigits(this.text, this.at);
    if (value < 0) throw this.cannot(part);
    this.at += 2;
    return value;
  }

  ranged(part: string, name: string, least: number, most: number): number {
    const value = this.two(part);
    if (value < least || value > most) throw this.wrong(`${name} out of range`);
    return value;
  }

  /** One digit is enough for the hour. */
  hour(): number {
    let value = twoDigits(this.text, this.at);
    if (value >= 0) this.at += 2;
    else {
      value = this.text.charCodeAt(this.at) - 48;
      if (!(value >= 0 && value <= 9)) throw this.cannot('15');
      this.at++;
    }
    if (value > 23) throw this.wrong('hour out of range');
    return value;
  }

  /** The digits after a point or comma; none when there is no point with a digit after it. */
  fraction(): string {
    const point = this.text[this.at];
    if (point !== '.' && point !== ',') return '';
    let end = this.at + 1;
    while (isDigit(this.text.charCodeAt(end))) end++;
    const digits = this.text.slice(this.at + 1, end);
    if (digits !== '') this.at = end;
    return digits;
  }

  sixDigits(): string {
    const digits = this.text.slice(this.at + 1, this.at + 7);
    if (this.text[this.at] !== '.' || digits.length < 6 || ![...digits].every((digit) => isDigit(digit.charCodeAt(0))))
      throw this.cannot('.000000');
    this.at += 7;
    return digits;
  }

  /** Minutes east of UTC. */
  zone(): number {
    const sign = this.text[this.at];
    if (sign === 'Z') {
      this.at++;
      return 0;
    }
    const hours = twoDigits(this.text, this.at + 1);
    const minutes = twoDigits(this.text, this.at + 4);
    if ((sign !== '+' && sign !== '-') || hours < 0 || this.text[this.at + 3] !== ':' || minutes < 0) throw this.cannot('Z07:00');
    if (hours > 24) throw this.wrong('time zone offset hour out of range');
    if (minutes > 60) throw this.wrong('time zone offset minute out of range');
    this.at += 6;
    return (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function parse(text: string, micro: boolean): Parsed {
  const reader = new Reader(text, micro ? microTimeLayout : timeLayout);
  const year = reader.year();
  reader.literal('-');
  const month = reader.ranged('01', 'month', 1, 12);
  reader.literal('-');
  const day = reader.two('02');
  reader.literal('T');
  const hour = reader.hour();
  reader.literal(':');
  const minute = reader.ranged('04', 'minute', 0, 59);
  reader.literal(':');
  const second = reader.ranged('05', 'second', 0, 59);
  const fraction = micro ? reader.sixDigits() : reader.fraction();
  const offset = reader.zone();
  if (reader.rest() !== '') throw reader.wrong(`extra text: ${quoteBytes(reader.rest())}`);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (day < 1 || date.getUTCMonth() !== month - 1) throw reader.wrong('day out of range');
  date.setUTCHours(hour, minute, second);
  return { seconds: date.getTime() - offset * 60_000, fraction };
}

/** In double quotes; bytes that are not printable ASCII as `\x00`. */
function quoteBytes(text: string): string {
  let quoted = '"';
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (byte < 0x20 || byte >= 0x80) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    else quoted += character;
  }
  return `${quoted}"`;
}
