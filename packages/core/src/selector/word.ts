const MAX_PREFIX = 253;
const MAX_NAME = 63;
const MAX_VALUE = 1024;

const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^[A-Za-z0-9_]([-A-Za-z0-9_.]*[A-Za-z0-9_])?$/;
const VALUE = /^(?!["'])[^\s\p{Cc}\p{Cs}=!<>(),]*$/u;

/** What `isSelectorKey` accepts, in words. */
export const KEY_RULE = `a key ([DNS name "/"] and 1 to ${MAX_NAME} letters, digits, "-", "_", ".", with "-" and "." inside only)`;

/** What `isSelectorValue` accepts, in words. */
export const VALUE_RULE = `a value (at most ${MAX_VALUE} characters, no leading quote, no white space, none of = ! < > ( ) ,)`;

/**
 * Kubernetes' qualified name: an optional DNS subdomain of at most 253 characters and `/`, then a name of at most 63.
 * One thing more is allowed: `_` at either end of the name, because Prometheus label names may have it.
 */
export function isSelectorKey(text: string): boolean {
  const slash = text.indexOf("/");
  const prefix = text.slice(0, Math.max(slash, 0));
  const name = text.slice(slash + 1);
  if (slash >= 0 && (prefix.length > MAX_PREFIX || !PREFIX.test(prefix))) return false;
  return name.length <= MAX_NAME && NAME.test(name);
}

/**
 * Kubernetes' lexeme for a value without Kubernetes' rule for what stands in it: any characters that do not end a word,
 * so that values no Kubernetes label could have are selected as they are (`public_ip6=2a03::1`, `path=/srv/www`).
 * Empty is a value. White space that Kubernetes does not skip (a no-break space), control characters and a leading quote
 * are refused: whoever wrote them meant something else, and would silently match nothing.
 */
export function isSelectorValue(text: string): boolean {
  return text.length <= MAX_VALUE && VALUE.test(text);
}
