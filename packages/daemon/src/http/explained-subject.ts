import {
  type Catalog,
  explainService,
  parseEndpoint,
  parseHostPort,
  type ServiceExplanation,
} from "@org/discovery-core";

/**
 * The services that somebody means by an endpoint, an id, `host` or `host:port`: those with this endpoint or id, else those whose
 * endpoint has this host, and this port where one is given.
 */
export function explainSubject(catalog: Catalog, subject: string): ServiceExplanation[] {
  const exact = explainService(catalog, subject);
  if (exact.length > 0) return exact;
  const asked = parseHostPort(subject);
  if (asked === undefined) return [];
  const isAsked = (endpoint: string): boolean => {
    const found = parseHostPort(parseEndpoint(endpoint).host);
    return (
      found?.host.toLowerCase() === asked.host.toLowerCase() && (asked.port === undefined || asked.port === found.port)
    );
  };
  const endpoints = new Set(catalog.stored().map(({ endpoint }) => endpoint));
  return [...endpoints].filter(isAsked).flatMap((endpoint) => explainService(catalog, endpoint));
}
