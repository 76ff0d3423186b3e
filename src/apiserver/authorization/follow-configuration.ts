// The file of `--authorization-config` may change while the server runs: webhooks come, go and change at once.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization
import { followConfigurationFile, type FollowContext } from '../authentication/follow-configuration-file.js';
import type { Authorizer, UserRules } from './authorizer.js';
import type { AuthorizerSettings } from './configuration/authorization-configuration.js';

/** What a text of the file comes to. */
export interface ReadAuthorizers {
  readonly settings: readonly AuthorizerSettings[];
  readonly authorizer: () => Authorizer;
}

export interface FollowedAuthorizer {
  /** Asks whoever decides now. */
  readonly authorizer: Authorizer;
  /** A file that cannot be used changes nothing. Returns what ends it. */
  follow(context: FollowContext, read: (text: string) => Promise<ReadAuthorizers>): () => void;
}

const noRules: UserRules = { resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] };

/** @param text of the file when `first` was made, from the settings `initial` */
export function followConfiguration(
  first: Authorizer,
  path: string,
  text: string,
  initial: readonly AuthorizerSettings[],
): FollowedAuthorizer {
  let current = first;
  return {
    authorizer: {
      authorize: (attributes) => current.authorize(attributes),
      rulesFor: (user, namespace) => current.rulesFor?.(user, namespace) ?? noRules,
    },
    follow(context, read) {
      const changed = async (now: string): Promise<void> => {
        const { settings, authorizer } = await read(now);
        const missing = initial.map(({ type }) => type).filter((type) => type !== 'Webhook' && !settings.some((one) => one.type === type));
        if (missing.length > 0) throw new Error(`missing required types: [${missing.join(' ')}]`);
        current = authorizer();
      };
      return followConfigurationFile({ what: 'authorization', path, text, changed }, context);
    },
  };
}
