import * as v from "valibot";

/** One life of the backend's data; see the daemon's documentation of the registry. */
const EpochSchema = v.object({ id: v.string(), origin: v.picklist(["fresh", "rewound", "wiped", "restored"]) });

/** What a wipe did. */
export const WipedSchema = v.object({
  /** Entries that are gone, those of the history included. */
  removed: v.number(),
  /** The epoch that is over. */
  before: v.nullable(EpochSchema),
  /** The epoch that began with the wipe. */
  epoch: v.nullable(EpochSchema),
  revision: v.number(),
});

const ServerLoadSchema = v.object({ name: v.string(), before: v.number(), after: v.number() });

const MoveSchema = v.object({
  namespace: v.string(),
  id: v.string(),
  name: v.string(),
  endpoint: v.string(),
  from: v.array(v.string()),
  to: v.array(v.string()),
});

/** What a change of servers would do. */
export const PlanSchema = v.object({
  /** Services that are served. */
  services: v.number(),
  /** How many of them would change servers. */
  moved: v.number(),
  /** How many would have no server at all. */
  unassigned: v.number(),
  /** Every server before or after, by name, with how many services it has. */
  servers: v.array(ServerLoadSchema),
  /** Those that would move, by endpoint. */
  moves: v.array(MoveSchema),
});

export type Epoch = v.InferOutput<typeof EpochSchema>;
export type Wiped = v.InferOutput<typeof WipedSchema>;
export type ServerLoad = v.InferOutput<typeof ServerLoadSchema>;
export type PlannedMove = v.InferOutput<typeof MoveSchema>;
export type Plan = v.InferOutput<typeof PlanSchema>;

/** A change of servers to think through. */
export interface PlannedChange {
  /** Servers to register; one that exists gets these labels and this weight. */
  readonly add?: readonly {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly weight?: number;
  }[];
  /** Names of servers to unregister. */
  readonly remove?: readonly string[];
  /** Names of servers to drain. */
  readonly drain?: readonly string[];
  /** How many servers each service would get. */
  readonly replicas?: number;
}

export interface WipeRequest {
  /** Why, for the history. At most 1,024 characters. */
  readonly reason?: string;
}
