// Where a request comes from: what proxies say of it, then who opened the connection.
import ipaddr from 'ipaddr.js';
import type { RequestHeaders } from '../authentication/bearer-token.js';

/** Nobody is behind more proxies; the rest of a longer list is not looked at. */
const mostAddresses = 100;

/** In the order from the client to here. What is no address is left out; an address next to itself is told once. */
export function sourceAddresses(headers: RequestHeaders, remote: string | undefined): readonly string[] {
  const found: string[] = [];
  const forwarded = first(headers['x-forwarded-for']);
  if (forwarded !== undefined) {
    for (const part of forwarded.split(',', mostAddresses)) {
      const address = addressOf(part.trim());
      if (address !== undefined) found.push(address);
    }
  }
  const real = addressOf(first(headers['x-real-ip'])?.trim() ?? '');
  if (real !== undefined && !found.includes(real)) found.push(real);
  const peer = addressOf(remote ?? '');
  if (peer !== undefined && found.at(-1) !== peer) found.push(peer);
  return found;
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value[0];
}

function addressOf(text: string): string | undefined {
  if (text === '' || text.includes('%') || text.length > 50) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}
