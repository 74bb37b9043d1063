import { createHash } from "node:crypto";

const NAME = /^[a-zA-Z0-9_-]+$/;
const MAX_NAMESPACE = 255;
/** With `.json` it stays below the 255 bytes that file systems allow. */
const MAX_JOB = 200;
const KEPT_OF_LONG = 150;
const DIGEST_LENGTH = 32;

/** What the files end in that Prometheus is told to read. */
export const TARGET_FILE_END = ".json";

/**
 * Where the list of a job stands below the server's folder: `<namespace>/<job>.json`. `undefined` for names that the registry would
 * not take, so that none leads out of the folder. A job of more than 200 characters is shortened and gets `~` and a digest, which no
 * name has by itself.
 */
export function targetFileName(namespace: string, job: string): string | undefined {
  if (!NAME.test(namespace) || namespace.length > MAX_NAMESPACE || !NAME.test(job)) return undefined;
  return `${namespace}/${job.length > MAX_JOB ? shortened(job) : job}${TARGET_FILE_END}`;
}

function shortened(job: string): string {
  const digest = createHash("sha256").update(job).digest("hex").slice(0, DIGEST_LENGTH);
  return `${job.slice(0, KEPT_OF_LONG)}~${digest}`;
}
