/**
 * What the command line `discovery` reads from the same file, and with the prefix from the same environment; ours to leave alone.
 */
export const COMMAND_LINE_KEYS: ReadonlySet<string> = new Set([
  "address",
  "timeout",
  "debug",
  "insecure",
  "ca-cert",
  "token-path",
  "oidc-endpoint",
  "oidc-client-id",
  "oidc-external-login-cmd",
]);
