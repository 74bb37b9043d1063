import * as v from "valibot";

/** The options of the local driver. */
export const localOptions = v.strictObject({
  path: v.pipe(
    v.string(),
    v.nonEmpty("expected the path of a SQLite file, or :memory:"),
    v.description(
      "SQLite file that keeps the registry, created with its folder where missing; one daemon at a time may have it. " +
        '":memory:" keeps nothing beyond the process.',
    ),
  ),
});

export type LocalOptions = v.InferOutput<typeof localOptions>;
