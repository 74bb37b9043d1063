const MAX_LENGTH = 253;

/**
 * Letters, digits, `.`, `-`, `_` and `:`, beginning with a letter or digit: every DNS name, and the names that operators
 * give in `HOSTNAME`. Keeps control characters, quotes, white space and names such as `__proto__` out of answers and logs.
 */
const HOSTNAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._:-]*$/u;

/** Whether a host may be announced and listed under this name: at most 253 characters (RFC 1035), see above for which. */
export function isHostname(name: string): boolean {
  return name.length <= MAX_LENGTH && HOSTNAME.test(name);
}
