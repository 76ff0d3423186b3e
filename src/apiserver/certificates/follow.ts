// Certificates that change while the server runs count without a restart, as on the real server: what it shows, and whose clients it believes.
// https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, type Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import { followFile } from '../authentication/follow-file.js';
import type { Authentication } from '../authentication/options.js';
import type { Listener } from '../http/listener.js';
import type { ClusterCertificates } from './cluster-certificates.js';

export interface FollowCertificatesOptions {
  /** Where the cluster's certificates lie; undefined: nowhere. */
  readonly folder: string | undefined;
  readonly certificates: Pick<ClusterCertificates, 'server'>;
  readonly authentication: Pick<Authentication, 'authorities' | 'proxies' | 'proxyFile'>;
  readonly listener: Pick<Listener, 'renew'>;
  /** Told of other authorities. */
  readonly changed: () => void;
  /** Real time: files are outside the cluster. */
  readonly systemClock: Clock;
  readonly logger: Logger;
}

/** A file that cannot be used changes nothing, nor does one that is gone. Returns what ends it. */
export function followCertificates(options: FollowCertificatesOptions): () => void {
  const { folder, certificates, authentication, listener, changed, systemClock: clock, logger } = options;
  const { authorities, proxies, proxyFile } = authentication;
  const ends: (() => void)[] = [];
  const follow = (path: string, text: string, take: (text: string) => void | Promise<void>): void => {
    const failed = (error: unknown): void =>
      logger.error('a certificate that has changed cannot be used; the one before it goes on', { path, error: errorText(error) });
    ends.push(followFile({ path, text, clock, changed: take, failed }));
  };
  const followAuthorities = (path: string, which: typeof authorities): void =>
    follow(path, which.pem, (text) => {
      const before = which.pem;
      which.replace(text);
      try {
        listener.renew({ clientCa: trusted(authentication) });
      } catch (error) {
        // What handshakes cannot trust, requests must not either.
        which.replace(before);
        throw error;
      }
      logger.info('the authorities of client certificates were read again', { path });
      changed();
    });
  const proxyPath = proxyFile ?? (folder === undefined ? undefined : join(folder, 'front-proxy-ca.crt'));
  if (proxies !== undefined && proxyPath !== undefined) followAuthorities(proxyPath, proxies);
  if (folder !== undefined) {
    followAuthorities(join(folder, 'ca.crt'), authorities);
    const paths = { certificate: join(folder, 'apiserver.crt'), key: join(folder, 'apiserver.key') };
    // Both are written one after the other: with the second they fit.
    const show = async (): Promise<void> => {
      const [certificate, key] = await Promise.all([readFile(paths.certificate, 'utf8'), readFile(paths.key, 'utf8')]);
      if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
        throw new Error('the private key is not of this certificate');
      listener.renew({ certificate, key });
      logger.info("the server's certificate was read again", { path: paths.certificate });
    };
    follow(paths.certificate, certificates.server.certificate, show);
    follow(paths.key, certificates.server.key, show);
  }
  return () => {
    for (const end of ends) end();
  };
}

/** In PEM: who signs the certificates of users, and of proxies. */
export function trusted({ authorities, proxies }: Pick<Authentication, 'authorities' | 'proxies'>): readonly string[] {
  return proxies === undefined ? [authorities.pem] : [authorities.pem, proxies.pem];
}
