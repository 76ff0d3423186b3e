// What is wrong with a selector.

/** A selector's text is wrong; the message is the real server's whole one. */
export class SelectorError extends Error {}
