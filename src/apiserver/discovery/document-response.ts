// What the publishers of documents (discovery, OpenAPI) take and give, free of any transport.

/** A whole answer. `body` is shared between answers: write it, never change it. */
export interface DocumentResponse {
  readonly status: number;
  /** Names in lower case. `content-length` is not among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Request headers, names in lower case as Node gives them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header's value; several of one name are one list. undefined when it was not sent. */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

/** No body. */
export const nothing = new Uint8Array(0);
