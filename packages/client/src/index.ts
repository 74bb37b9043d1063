export { DiscoveryClient, type ClientOptions } from "./client.ts";
export type { Epoch, PlannedChange, PlannedMove, Plan, ServerLoad, WipeRequest, Wiped } from "./messages.ts";
