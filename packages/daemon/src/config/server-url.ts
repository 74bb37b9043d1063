import { textValue } from "./value-types.ts";

interface UrlKind {
  readonly example: string;
  /** With their colon. A bare `host:port` gets the first, as clients of NATS have it. */
  readonly schemes: readonly [string, ...string[]];
  readonly path: RegExp;
}

/** The URL of a server: one of the schemes, a host, a path as the kind has it, and nothing after. Kept as text. */
export function serverUrl({ example, schemes, path }: UrlKind) {
  return textValue({ placeholder: "URL", expected: `a URL such as ${example}` }, (given) => {
    const text = given.trim();
    const whole = text.includes("://") ? text : `${schemes[0]}//${text}`;
    const url = URL.parse(whole);
    if (url === null || !schemes.includes(url.protocol) || url.hostname === "") return undefined;
    return path.test(url.pathname) && url.search === "" && url.hash === "" ? whole : undefined;
  });
}
