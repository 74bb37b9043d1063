import type { Cancel, Driver, Log } from "@org/discovery-core";
import type { Metrics } from "../metrics.ts";

/** Logs and counts when a backend is lost and found. */
export function reportLink(driver: Driver, log: Log, metrics: Metrics): Cancel {
  const gauge = (): void => metrics.linkUp.set({ driver: driver.name }, driver.link.state === "up" ? 1 : 0);
  let state = driver.link.state;
  gauge();
  return driver.link.onChange((link) => {
    gauge();
    if (link.state === "down") {
      log.warn({ driver: driver.name, err: link.lastError }, "backend lost; serving what is known");
    } else log.info({ driver: driver.name }, state === "up" ? "backend was silent for a while" : "backend reached");
    state = link.state;
  });
}
