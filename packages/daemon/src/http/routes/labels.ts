import { DiscoveryError, parseLabelLines } from "@org/discovery-core";
import { Hono, type Context } from "hono";
import { readText } from "../body.ts";
import type { PresenceView } from "../presence-view.ts";

/** Where runtime labels are kept; `LocalLabels` is one. */
export interface LabelEditor {
  add(labels: readonly string[]): Promise<void>;
  remove(labels: readonly string[]): Promise<void>;
}

/** `POST` and `DELETE /v1/labels`: one label per line. Announced at once; `OK` when the labels are on the disk and that is done. */
export function labelsRoutes(editor: LabelEditor, view: PresenceView): Hono {
  return new Hono()
    .post("/v1/labels", async (c) => {
      await editor.add(await readLabels(c));
      await view.announce();
      return c.text("OK");
    })
    .delete("/v1/labels", async (c) => {
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
