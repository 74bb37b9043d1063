import * as v from "valibot";
import { option } from "./option.ts";
import { choice, integer } from "./value-types.ts";

const MAX_REPLICAS = 100;
/** Each is a key of the store, which every daemon holds in memory. */
const MAX_AUDIT_LIMIT = 100_000;

export const registryOptions = {
  replicas: option({
    flag: "replicas",
    schema: v.pipe(
      integer({
        placeholder: "NUMBER",
        expected: `a whole number from 1 to ${MAX_REPLICAS}`,
        min: 1,
        max: MAX_REPLICAS,
      }),
      v.description(
        "How many servers scrape each service, if there are so many. The same on all daemons of an installation.",
      ),
    ),
    default: "1",
  }),
  strategy: option({
    flag: "assignment",
    schema: v.pipe(
      choice("rendezvous", "jump"),
      v.description(
        "How services find their servers: rendezvous moves a server's own share when it comes or goes, jump does as the original did and moves more. " +
          "The same on all daemons of an installation.",
      ),
    ),
    default: "rendezvous",
  }),
  auditLimit: option({
    flag: "audit-limit",
    schema: v.pipe(
      integer({
        placeholder: "NUMBER",
        expected: `a whole number from 0 to ${MAX_AUDIT_LIMIT}`,
        min: 0,
        max: MAX_AUDIT_LIMIT,
      }),
      v.description(
        "How many changes the history keeps, of all daemons together. More cost memory and store; 0 keeps none.",
      ),
    ),
    default: "1000",
  }),
};
