import { DiscoveryError, parseLabelLines } from "@org/discovery-core";
import type { Context } from "hono";
import { readText } from "../body.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import type { PresenceView } from "../presence-view.ts";

/** Where runtime labels are kept; `LocalLabels` is one. */
export interface LabelEditor {
  add(labels: readonly string[]): Promise<void>;
  remove(labels: readonly string[]): Promise<void>;
}

const add = operation({
  id: "addLabels",
  method: "post",
  path: "/v1/labels",
  tag: "Hosts",
  summary: "Adds labels to this host, and announces them",
  textBody: "One label per line.",
  answer: { description: "OK: the labels are on the disk, and announced." },
  problems: ["invalid_argument", "unavailable"],
});

const remove = operation({
  ...add,
  id: "removeLabels",
  method: "delete",
  summary: "Removes labels from this host, and announces it",
  answer: { description: "OK: the labels are gone from the disk, and that is announced." },
});

/** `POST` and `DELETE /v1/labels`: one label per line. Announced at once; `OK` when the labels are on the disk and that is done. */
export function labelsRoutes(editor: LabelEditor, view: PresenceView): DocumentedRoutes {
  return new DocumentedRoutes()
    .on(add, async (c) => {
      await editor.add(await readLabels(c));
      await view.announce();
      return c.text("OK");
    })
    .on(remove, async (c) => {
      await editor.remove(await readLabels(c));
      await view.announce();
      return c.text("OK");
    });
}

async function readLabels(c: Context): Promise<readonly string[]> {
  const labels = parseLabelLines(await readText(c), "request body");
  if (labels.length === 0) throw new DiscoveryError("invalid_argument", "request body: expected labels, one per line");
  return labels;
}
