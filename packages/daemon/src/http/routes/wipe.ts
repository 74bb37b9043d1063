import type { Log, Wiped } from "@org/discovery-core";
import * as v from "valibot";
import { changeOf } from "../change-of.ts";
import { Reason } from "../messages/members.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { registryToChange } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";

const EpochMessage = v.object({
  id: v.string(),
  origin: v.pipe(
    v.picklist(["fresh", "rewound", "wiped", "restored"]),
    v.description("How it began: with a new or lost backend, with older data, on purpose, or refilled after a loss."),
  ),
});

const wipe = operation({
  id: "wipeRegistry",
  method: "post",
  path: "/v1/admin/wipe",
  tag: "Registry",
  summary: "Removes every namespace, server and service, and the history, on purpose and on all daemons",
  description:
    "Every Prometheus loses its targets. A backend that merely lost its data is refilled by the daemons; after a wipe a new epoch " +
    "of origin wiped begins, which they all take as it is. There is no way back but a backup.",
  body: v.strictObject({
    confirm: v.pipe(v.literal("wipe", 'expected "wipe"'), v.description('"wipe", so that nobody does it by accident.')),
    reason: Reason,
  }),
  answer: {
    description: "How many entries of the store are gone, and which epoch is over and which one began.",
    schema: v.object({
      removed: v.number(),
      before: v.nullable(EpochMessage),
      epoch: v.nullable(EpochMessage),
      revision: v.number(),
    }),
  },
  problems: ["invalid_argument", "unimplemented", "unavailable", "outcome_unknown"],
  audited: true,
});

/** `POST /v1/admin/wipe`: empties the registry on purpose. */
export function wipeRoutes(view: RegistryView | undefined, log: Log): DocumentedRoutes {
  return new DocumentedRoutes().on(wipe, async (c, { body }) => {
    const { registry } = registryToChange(c, view);
    const change = changeOf(c, body.reason);
    const wiped = await registry.wipe(change);
    log.warn({ ...change, removed: wiped.removed, epoch: wiped.epoch?.id }, "registry wiped on purpose");
    return c.json(wipeMessage(wiped));
  });
}

function wipeMessage({ removed, before, epoch, revision }: Wiped) {
  return { removed, before: epochMessage(before), epoch: epochMessage(epoch), revision };
}

function epochMessage(epoch: Wiped["epoch"]): v.InferOutput<typeof EpochMessage> | null {
  return epoch === undefined ? null : { id: epoch.id, origin: epoch.origin };
}
