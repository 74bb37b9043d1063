const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Stand for themselves; all of them are legal in a key-value bucket's keys. */
const PLAIN = /^[A-Za-z0-9_/-]$/;

/**
 * A store key as one token of a subject: letters, digits, `_`, `/` and `-` as they are, every other byte of its UTF-8 as
 * `=` and two hexadecimal digits. Dots are no exception, so that the token is one whatever the key is.
 */
export function subjectOfKey(key: string): string {
  let token = "";
  for (const byte of encoder.encode(key)) {
    const character = String.fromCharCode(byte);
    token += PLAIN.test(character) ? character : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return token;
}

/** The key of a token; undefined where `subjectOfKey` would never have written it. */
export function keyOfSubject(token: string): string | undefined {
  const bytes: number[] = [];
  for (let index = 0; index < token.length; index++) {
    if (token[index] === "=") {
      bytes.push(Number.parseInt(token.slice(index + 1, index + 3), 16));
      index += 2;
    } else {
      bytes.push(token.charCodeAt(index));
    }
  }
  try {
    const key = decoder.decode(new Uint8Array(bytes));
    return key !== "" && subjectOfKey(key) === token ? key : undefined;
  } catch {
    return undefined;
  }
}
