/**
 * Whether an `Accept-Encoding` lets an answer be gzip, and does not like plain text better (RFC 9110, 12.5.3). Without the header
 * clients take anything, but few mean it.
 */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map((header ?? "").split(",").map(readCoding));
  const gzip = weights.get("gzip") ?? weights.get("x-gzip") ?? weights.get("*") ?? 0;
  return gzip > 0 && gzip >= (weights.get("identity") ?? 0);
}

function readCoding(text: string): [coding: string, weight: number] {
  const [coding = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return [coding, Number.isNaN(quality) ? 0 : quality];
}
