import { VirtualClock } from "../../src/index.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** A clock and a network of its own for one test. */
export function virtualFleet(): { clock: VirtualClock; network: VirtualNetwork } {
  const clock = new VirtualClock();
  return { clock, network: new VirtualNetwork(clock) };
}
