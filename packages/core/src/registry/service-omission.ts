/** A label of a service that could not be rendered, and was left out so that Prometheus takes the rest. */
export interface ServiceOmission {
  readonly namespace: string;
  readonly id: string;
  readonly label: string;
  readonly reason: string;
}
