// What a way to check bearer tokens looks like.
import type { UserInfo } from '../../registry/kind.js';

/** Takes an annotation of an audit event. */
export type AuthenticationNote = (key: string, value: string) => void;

/** Tells whose a bearer token is. */
export interface TokenAuthenticator {
  /**
   * The token's user and the audiences it was accepted for, of those asked (absent: the API server's own). No user when the token is not of
   * this way's making, or not valid any more: then `error` may say why, for logs and TokenReviews.
   */
  authenticateToken(token: string, audiences?: readonly string[], note?: AuthenticationNote): Promise<TokenAnswer>;
}

export type TokenAnswer =
  | {
      readonly user: UserInfo;
      readonly audiences: readonly string[];
      /** For whoever shows the token. */
      readonly warnings?: readonly string[];
    }
  | { readonly user: undefined; readonly error?: string };
