// The issuers of `--authentication-config`, which may change while the server runs; what the file says of anonymous requests may not.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import type { Clock } from '../../clock/clock.js';
import type { AuthenticationConfiguration } from './authentication-configuration.js';
import { authenticateToken, type TokenAuthenticator } from './authenticator.js';
import { followConfigurationFile, type FollowContext } from './follow-configuration-file.js';
import { createJwtAuthenticator } from './jwt-authenticator.js';

export interface ConfigurationFile {
  readonly path: string;
  /** As it was at the start. */
  readonly text: string;
  readonly configuration: AuthenticationConfiguration;
  /** Rejects with an Error for a text that is no configuration. */
  readonly read: (text: string) => Promise<AuthenticationConfiguration>;
}

export interface ReloadedIssuers {
  tokens(audiences: readonly string[], systemClock: Clock): TokenAuthenticator;
  /** A file that cannot be used changes nothing. Returns what ends it. */
  follow(context: FollowContext): () => void;
}

export function createReloadedIssuers({ path, text, configuration, read }: ConfigurationFile): ReloadedIssuers {
  let { jwt } = configuration;
  /** Made again when the issuers are others. */
  let ways: readonly TokenAuthenticator[] | undefined;
  return {
    tokens: (audiences, systemClock) => ({
      async authenticateToken(token, asked, note) {
        ways ??= jwt.map((settings) => createJwtAuthenticator(settings, audiences, systemClock));
        const { errors, ...answer } = await authenticateToken(ways, token, asked, note);
        return answer.user !== undefined || errors.length === 0 ? answer : { user: undefined, error: errors.join(', ') };
      },
    }),
    follow(context) {
      const changed = async (now: string): Promise<void> => {
        const next = await read(now);
        if (!isSameAnonymous(next.anonymous, configuration.anonymous))
          throw new Error('anonymous: Forbidden: changed from initial configuration file');
        jwt = next.jwt;
        ways = undefined;
      };
      return followConfigurationFile({ what: 'authentication', path, text, changed }, context);
    },
  };
}

type Anonymous = AuthenticationConfiguration['anonymous'];

function isSameAnonymous(one: Anonymous, other: Anonymous): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return one.size === other.size && [...one].every((path) => other.has(path));
}
