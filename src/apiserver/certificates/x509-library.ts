// The certificate library, to be imported only when a certificate is made: loading it takes 50 ms (bundled) to 160 ms.
// It is a file of its own so that a bundle, too, can load it late: a bundler gives a late import of the package itself no named exports.
// The library needs reflect-metadata before it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

export { x509 };
export type X509 = typeof x509;
