import * as v from "valibot";

/** What went wrong (RFC 9457). */
export const ProblemMessage = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
});
