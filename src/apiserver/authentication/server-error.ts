// What the real server's client makes of an answer that is none: a Status says it itself, for others the number has its words.
import { isRecord } from '../../apimachinery/object.js';
import type { OutboundAnswer } from './outbound.js';

/** So many characters of an answer are shown. */
export const longestShown = 2048;

const words: ReadonlyMap<number, string> = new Map([
  [400, 'the server rejected our request for an unknown reason'],
  [401, 'the server has asked for the client to provide credentials'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [409, 'the server reported a conflict'],
  [422, 'the server rejected our request due to an error in our request'],
  [429, 'the server has received too many requests and has asked us to try again later'],
  [503, 'the server is currently unable to handle the request'],
  [504, 'the server was unable to return a response in the time allotted, but may still be processing the request'],
]);

/** Why this is no answer; undefined when it may be one. */
export function serverError({ status, text, contentType }: OutboundAnswer): string | undefined {
  if (status >= 200 && status <= 206) return undefined;
  const said = statusMessage(text);
  if (said !== undefined) return said;
  const known = words.get(status);
  if (known !== undefined) return known;
  // Of JSON and the like nothing is shown.
  const shown = contentType === '' || contentType.startsWith('text/') ? text.slice(0, longestShown).trim() : 'unknown';
  if (status === 403 || status === 415) return shown;
  if (status === 406) return shown === 'unknown' ? 'the server was unable to respond with a content type that the client supports' : shown;
  if (status >= 500) return `an error on the server (${JSON.stringify(shown)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${status} but did not return more information`;
}

/** Whether the text of an answer is a Status that says something. */
export function isStatus(text: string): boolean {
  return statusMessage(text) !== undefined;
}

function statusMessage(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && value['kind'] === 'Status' && typeof value['message'] === 'string' ? value['message'] : undefined;
  } catch {
    return undefined;
  }
}
