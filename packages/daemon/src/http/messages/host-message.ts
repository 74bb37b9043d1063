import * as v from "valibot";

/** A host in lobby's JSON. */
export const HostMessage = v.object({
  hostname: v.string(),
  labels: v.array(v.string()),
  last_check: v.pipe(v.number(), v.integer(), v.description("Unix seconds when it was last heard; 0: never.")),
});

/** What Prometheus reads. */
export const TargetGroupMessage = v.object({
  targets: v.array(v.string()),
  labels: v.record(v.string(), v.string()),
});
