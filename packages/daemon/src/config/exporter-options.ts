import { checkServerName, isDiscoveryError } from "@org/discovery-core";
import * as v from "valibot";
import { option } from "./option.ts";
import { duration, path, textValue } from "./value-types.ts";

const serverName = textValue({ placeholder: "NAME", expected: "the name of a server, without slashes" }, (name) => {
  try {
    checkServerName(name);
    return name;
  } catch (error) {
    if (isDiscoveryError(error)) return undefined;
    throw error;
  }
});

/** Read and write for its owner, who has to; no execution; and others as wanted. */
const FILE_MODE = /^0?6[0246][0246]$/;

const fileMode = textValue({ placeholder: "MODE", expected: "octal permissions such as 0600 or 0640" }, (given) =>
  FILE_MODE.test(given.trim()) ? Number.parseInt(given, 8) : undefined,
);

const daemonUrl = textValue(
  { placeholder: "URL", expected: "the URL of a daemon such as http://127.0.0.1:1313, without credentials" },
  (given) => {
    const url = URL.parse(given.trim());
    if (url === null || !["http:", "https:"].includes(url.protocol)) return undefined;
    const isPlain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
    return isPlain ? url.href : undefined;
  },
);

export const exporterOptions = {
  server: option({
    flag: "server",
    schema: v.pipe(
      serverName,
      v.description("The Prometheus server whose target lists are written. It has to be named."),
    ),
  }),
  directory: option({
    flag: "directory",
    schema: v.pipe(
      path,
      v.description("Folder for the lists, which stand in <server>/<namespace>/<job>.json below it."),
    ),
    default: "/tmp/discovery",
  }),
  resyncMs: option({
    flag: "resync-interval",
    schema: v.pipe(
      duration({ minMs: 1000 }),
      v.description(
        "How often the files are compared with what they shall be: what somebody else changed is written anew, " +
          "and lists that have been empty go.",
      ),
    ),
    default: "1h",
  }),
  fileMode: option({
    flag: "file-mode",
    schema: v.pipe(
      fileMode,
      v.description("Permissions of the files, less what the umask takes. Prometheus must be able to read them."),
    ),
    default: "0600",
  }),
  from: option({
    flag: "from",
    schema: v.pipe(
      daemonUrl,
      v.description(
        "Follow the event stream of this daemon instead of the backend, so that the machine needs no way there. " +
          "--token is sent along.",
      ),
    ),
    secret: "url",
  }),
};
