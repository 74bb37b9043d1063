import * as v from "valibot";
import { labelRecord } from "../target-group.ts";
import { isLabels, type Labels } from "./labels.ts";

/** Unix milliseconds. */
export const TimeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Labels with their names in byte order. Not `v.record`, which drops `__proto__` and `constructor`, both legal names. */
export const LabelsSchema = v.pipe(
  v.custom<Labels>(isLabels, "labels"),
  v.transform((labels): Labels => labelRecord(Object.entries(labels))),
);
