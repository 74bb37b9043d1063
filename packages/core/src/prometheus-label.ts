const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Whether every Prometheus takes this as a label name: `[a-zA-Z_][a-zA-Z0-9_]*`. Prometheus 3 would take any UTF-8, but one
 * name that a Prometheus refuses makes it refuse the whole http_sd answer.
 */
export function isPrometheusLabelName(name: string): boolean {
  return LABEL_NAME.test(name);
}

/** Replaces each character that a label name cannot have by `_`, as Prometheus does. Made to follow a prefix: it may begin with a digit. */
export function sanitizeLabelName(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/gu, "_");
}
