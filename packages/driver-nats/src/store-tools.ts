import type { DriverContext } from "@org/discovery-core";
import type { Bucket } from "./bucket.ts";
import type { Connection } from "./connection.ts";
import type { Mirror } from "./mirror.ts";
import type { Publisher } from "./publisher.ts";

/** What a write is made with. */
export interface StoreTools {
  readonly bucket: Bucket;
  readonly connection: Connection;
  readonly context: DriverContext;
  readonly mirror: Mirror;
  readonly publisher: Publisher;
  /** How long a write is tried for. */
  readonly timeoutMs: number;
}
