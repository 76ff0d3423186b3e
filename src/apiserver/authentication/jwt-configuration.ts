// What the file of `--authentication-config` says of an issuer and its tokens.
import type { Program } from '../../apimachinery/cel/compile.js';

export interface JwtIssuer {
  readonly url: string;
  /** Where the issuer's document is, when not below its URL. */
  readonly discoveryURL?: string;
  /** PEM; absent: the system's authorities. */
  readonly certificateAuthority?: string;
  readonly audiences: readonly string[];
}

/** A claim and what is put before its value. */
export interface PrefixedClaim {
  readonly claim: string;
  readonly prefix: string;
}

/** An expression over the claims. */
export interface ClaimExpression {
  readonly program: Program;
}

export interface ValidationRule extends ClaimExpression {
  /** What the client is told when it is false. */
  readonly message: string;
}

export interface JwtAuthenticator {
  readonly issuer: JwtIssuer;
  readonly requiredClaims: readonly { readonly claim: string; readonly value: string }[];
  readonly claimRules: readonly ValidationRule[];
  readonly username: PrefixedClaim | ClaimExpression;
  readonly groups: PrefixedClaim | ClaimExpression | undefined;
  readonly uid: string | ClaimExpression | undefined;
  readonly extra: readonly (ClaimExpression & { readonly key: string })[];
  readonly userRules: readonly ValidationRule[];
}
