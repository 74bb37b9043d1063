import { type Backup, type Clock, makeBackup, type RestorePlan } from "@org/discovery-core";
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import * as v from "valibot";
import { backupYaml, MAX_JSON_BYTES, MAX_YAML_BYTES, parseBackupText } from "../backup-text.ts";
import { readText } from "../body.ts";
import { changeOf } from "../change-of.ts";
import { Reason } from "../messages/members.ts";
import { DocumentedRoutes } from "../openapi/documented-routes.ts";
import { operation } from "../openapi/operation.ts";
import { registryToChange, registryToRead } from "../registry-access.ts";
import type { RegistryView } from "../registry-view.ts";

const MIB = 1024 * 1024;

const Records = v.array(v.looseObject({ name: v.string() }));
const BackupMessage = v.object({
  format: v.literal("discovery-backup"),
  v: v.literal(1),
  created: v.pipe(v.number(), v.description("Unix milliseconds, as all times in it.")),
  namespaces: Records,
  servers: Records,
  services: Records,
});

const Switch = (description: string) =>
  v.optional(v.pipe(v.picklist(["true", "false", "1", "0"], "expected true or false"), v.description(description)));

const get = operation({
  id: "getBackup",
  method: "get",
  path: "/v1/backup",
  tag: "Registry",
  summary: "All namespaces, servers and services as one document, for any driver",
  description:
    "JSON, or YAML where the request accepts application/yaml or says format=yaml. The history, leases and tokens are not in it, " +
    "nor are values that this daemon cannot read.",
  query: v.object({ format: v.optional(v.picklist(["json", "yaml"], "expected json or yaml")) }),
  answer: { description: "The backup.", schema: BackupMessage, type: ["application/json", "application/yaml"] },
  problems: ["invalid_argument", "unimplemented", "unavailable"],
});

const restore = operation({
  id: "restoreBackup",
  method: "post",
  path: "/v1/restore",
  tag: "Registry",
  summary: "Puts a backup back, key by key",
  description:
    `JSON, or YAML as a backup has it, of at most ${MAX_JSON_BYTES / MIB} MiB, or any other YAML of at most ${MAX_YAML_BYTES / MIB} MiB. Checked as a whole before anything is written; ` +
    "one that is cut off half-way can be sent again.",
  query: v.object({
    "dry-run": Switch("true: only says what would be done."),
    "remove-others": Switch("true: also removes what is not in the backup."),
    reason: Reason,
  }),
  textBody: "The backup, JSON or YAML.",
  answer: {
    description: "What was done, or with dry-run would be.",
    schema: v.object({
      dryRun: v.boolean(),
      put: v.pipe(v.array(v.string()), v.description("Keys that are written.")),
      same: v.pipe(v.number(), v.description("How many keys were as in the backup.")),
      remove: v.pipe(v.array(v.string()), v.description("Keys that are removed.")),
    }),
  },
  problems: ["invalid_argument", "revision_conflict", "unimplemented", "unavailable", "outcome_unknown"],
  audited: true,
});

/** `GET /v1/backup` and `POST /v1/restore`: the registry as a document, and back, between any two drivers. */
export function backupRoutes(view: RegistryView | undefined, clock: Clock): DocumentedRoutes {
  return new DocumentedRoutes()
    .on(get, (c, { query }) => {
      const { catalog } = registryToRead(c, view);
      return answerBackup(c, makeBackup(catalog, clock.now()), query.format);
    })
    .on(restore, async (c, { query }) => {
      const known = registryToChange(c, view);
      const backup = parseBackupText(await readText(c, MAX_JSON_BYTES));
      const removeOthers = isOn(query["remove-others"]);
      const dryRun = isOn(query["dry-run"]);
      const plan = dryRun
        ? registryToRead(c, view).registry.planRestore(backup, { removeOthers })
        : await known.registry.restore(backup, changeOf(c, query.reason), { removeOthers });
      return c.json(restoreMessage(plan, dryRun));
    });
}

function answerBackup(c: Context, backup: Backup, format: "json" | "yaml" | undefined): Response {
  const supports = ["application/json", "application/yaml", "text/yaml", "application/x-yaml"];
  const accepted = accepts(c, { header: "Accept", supports, default: "application/json" });
  const isYaml = format === undefined ? accepted !== "application/json" : format === "yaml";
  c.header("Vary", "Accept");
  c.header("Content-Disposition", `attachment; filename="discovery-backup.${isYaml ? "yaml" : "json"}"`);
  return isYaml ? c.body(backupYaml(backup), 200, { "Content-Type": "application/yaml" }) : c.json(backup);
}

function restoreMessage({ put, same, remove }: RestorePlan, dryRun: boolean) {
  return { dryRun, put: [...put], same, remove: [...remove] };
}

function isOn(value: "true" | "false" | "1" | "0" | undefined): boolean {
  return value === "true" || value === "1";
}
