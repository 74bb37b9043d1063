/** The path of lobby's target list with this name, which may hold any character. */
export function lobbyListPath(name: string): string {
  return `/v1/prometheus/${encodeURIComponent(name)}`;
}
