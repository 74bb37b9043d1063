import { hostLabelProblem, isHostname } from "@org/discovery-core";
import * as v from "valibot";
import { defaultLabelsFolder } from "./default-folders.ts";
import { option } from "./option.ts";
import { boolean, choice, duration, listOf, path, port, textValue } from "./value-types.ts";

const label = textValue(
  { placeholder: "LABEL", expected: "labels of at most 1 KiB without control characters" },
  (given) => (hostLabelProblem(given) === undefined ? given : undefined),
);
const hostname = textValue(
  { placeholder: "NAME", expected: "a host name of letters, digits, '.', '-', '_' and ':'" },
  (given) => (isHostname(given) ? given : undefined),
);
const fileName = textValue({ placeholder: "FILENAME", expected: "the name of a file, without a folder" }, (given) =>
  /^[^/\0]+$/.test(given) && given !== "." && given !== ".." ? given : undefined,
);
const period = duration({ minMs: 1 });

export const presenceOptions = {
  labels: option({
    flag: "labels",
    schema: v.pipe(
      listOf("LABEL,…", label),
      v.description("Labels of this host. Those of the files below --labels-path and of the API are added."),
    ),
    default: "",
    variables: ["LABELS"],
  }),
  labelsPath: option({
    flag: "labels-path",
    schema: v.pipe(
      path,
      v.description(
        "Folder of files with labels, one per line, read again for each announcement. It may be missing; what can't be read counts as it last was.",
      ),
    ),
    default: {
      told: "/etc/lobby/labels, where it exists or for root; else the folder labels beside the data",
      text: (invocation) => defaultLabelsFolder(invocation),
    },
    variables: ["LABELS_PATH"],
  }),
  runtimeLabelsFilename: option({
    flag: "runtime-labels-filename",
    schema: v.pipe(fileName, v.description("File in that folder which the API writes its labels to.")),
    default: "_runtime",
    variables: ["RUNTIME_LABELS_FILENAME"],
  }),
  hostname: option({
    flag: "hostname",
    schema: v.pipe(
      hostname,
      v.description("Name to announce. Without it, the machine's, asked again for each announcement."),
    ),
    variables: ["HOSTNAME"],
  }),
  keepAliveMs: option({
    flag: "keep-alive",
    schema: v.pipe(
      period,
      v.description("Time between two announcements. Shorter is noticed sooner, longer costs less. Less than --ttl."),
    ),
    default: "5",
    variables: ["KEEP_ALIVE"],
  }),
  ttlMs: option({
    flag: "ttl",
    schema: v.pipe(
      period,
      v.description(
        "A host not heard of for this long is forgotten. Best several times --keep-alive, for an announcement may get lost.",
      ),
    ),
    default: "30",
    variables: ["TTL"],
  }),
  cleanEveryMs: option({
    flag: "clean-every",
    schema: v.pipe(
      period,
      v.description("How often to look for hosts to forget; a host may stay listed that much longer."),
    ),
    default: "15",
    variables: ["CLEAN_EVERY"],
  }),
  nodeExporterPort: option({
    flag: "node-exporter-port",
    schema: v.pipe(port, v.description("Port of a Prometheus target whose labels name none.")),
    default: "9100",
    variables: ["NODE_EXPORTER_PORT"],
  }),
  register: option({
    flag: "register",
    schema: v.pipe(boolean, v.description("Announces this host. Off, the daemon only listens.")),
    default: "true",
    variables: ["REGISTER"],
  }),
  listen: option({
    flag: "listen",
    schema: v.pipe(
      boolean,
      v.description(
        "Keeps track of the other hosts. Off, the daemon only announces: for large fleets of which a few hosts answer.",
      ),
    ),
    default: "true",
    variables: ["LISTEN"],
  }),
  packets: option({
    flag: "lobby-packets",
    schema: v.pipe(
      choice("auto", "always"),
      v.description(
        "When packets of the original lobby are sent between two full announcements: auto while an original daemon announces itself, " +
          "always where original daemons only listen (REGISTER=false).",
      ),
    ),
    default: "auto",
    variables: ["LOBBY_PACKETS"],
  }),
};
