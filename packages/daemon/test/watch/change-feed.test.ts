import { parseSelector } from "@org/discovery-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { LocalLabels } from "../../src/labels/local-labels.ts";
import { ChangeFeed } from "../../src/watch/change-feed.ts";
import { passes, seenAs, type WatchFilter } from "../../src/watch/watch-filter.ts";
import { WrittenPresence } from "../http/app-under-test.ts";
import { RecordingLog } from "../recording-log.ts";

const hostname = fc.constantFrom("a", "b", "c", "d");
const known = fc.record({
  hostname,
  labels: fc.uniqueArray(fc.constantFrom("env:prod", "env:test", "x"), { maxLength: 2 }),
  lastSeen: fc.nat(5),
  status: fc.constantFrom("alive", "held", "lingering"),
});
const fleet = fc.uniqueArray(known, { selector: (host) => host.hostname });

function presenceOf(): WrittenPresence {
  const options = { environment: [], folder: "/nowhere", runtimeFilename: "_runtime", log: new RecordingLog() };
  return new WrittenPresence(new LocalLabels(options));
}

it("a snapshot with the changes after it applied is the snapshot of now, whatever happened and whatever the filter", () => {
  fc.assert(
    fc.property(fc.array(fleet, { minLength: 1 }), fc.constantFrom("", "env=prod", "!x"), (fleets, selector) => {
      const presence = presenceOf();
      const feed = new ChangeFeed({ random: Math.random, presence, registry: undefined });
      const filter: WatchFilter = {
        kinds: new Set(["hosts"]),
        namespace: undefined,
        selector: parseSelector(selector),
      };
      const shown = (): Map<string, string> =>
        new Map(
          feed
            .snapshot()
            .items.filter((item) => passes(filter, item))
            .map((item) => [item.key, item.fingerprint()]),
        );
      feed.refresh();
      const view = shown();
      const { sequence } = feed.snapshot();
      for (const hosts of fleets) {
        presence.known = hosts;
        feed.refresh();
      }
      for (const change of feed.after(sequence, Number.POSITIVE_INFINITY) ?? []) {
        const seen = seenAs(filter, change);
        if (seen?.op === "put") view.set(seen.item.key, seen.item.fingerprint());
        if (seen?.op === "delete") view.delete(seen.item.key);
      }
      expect(view).toEqual(shown());
    }),
  );
});
