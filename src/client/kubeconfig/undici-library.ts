// The HTTP client's library, in a file of its own to be loaded late: a bundler gives a late import of the package itself no named exports.
export { Agent } from 'undici';
