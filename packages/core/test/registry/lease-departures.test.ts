import { describe, expect, it } from "vitest";
import { explainService } from "../../src/registry/explain.ts";
import { targetGroups } from "../../src/registry/service-target-groups.ts";
import { serviceKey } from "../../src/registry/service.ts";
import { BY, liveDaemon, type DaemonSetting, type RegistryDaemon } from "./registry-fixture.ts";

const TTL_S = 60;
const HOLD_MS = 900_000;
const guard = { share: 0.3, holdMs: HOLD_MS };
const GUARDED = "__meta_discovery_guarded";
const LINGERING = "__meta_discovery_lingering";

/** A daemon with services that are renewed three times in their TTL until they are silenced. */
class Leased {
  readonly daemon: RegistryDaemon;
  readonly renewed = new Set<string>();

  constructor(daemon: RegistryDaemon) {
    this.daemon = daemon;
  }

  static async of(count: number, departures: DaemonSetting["departures"] = { guard }): Promise<Leased> {
    const daemon = await liveDaemon({ departures: departures ?? {} });
    await daemon.registry.registerServer({ name: "p1" }, BY);
    const leased = new Leased(daemon);
    for (let index = 0; index < count; index++) await leased.register(endpoint(index), TTL_S);
    return leased;
  }

  async register(url: string, ttlSeconds?: number): Promise<void> {
    const ttl = ttlSeconds === undefined ? {} : { ttlSeconds };
    const service = await this.daemon.registry.registerService({ name: "s", endpoint: url, ...ttl }, BY);
    if (ttlSeconds !== undefined) this.renewed.add(serviceKey(service));
  }

  silence(...indexes: number[]): void {
    for (const index of indexes) {
      const [service] = this.daemon.catalog.servicesAt(endpoint(index));
      if (service !== undefined) this.renewed.delete(serviceKey(service));
    }
  }

  /** Lets time pass. Gives the keys that were to be removed in the last second. */
  async pass(seconds: number): Promise<string[]> {
    const { clock, link, leases } = this.daemon;
    let removable: string[] = [];
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1000);
      if (link.state === "up") link.proved();
      if ((clock.monotonic() / 1000) % 20 === 0) for (const key of this.renewed) leases.renew(key);
      removable = leases.sweep();
    }
    return removable;
  }

  /** The list of the Prometheus: its targets, with the mark of each where it has one. */
  list(): string[] {
    const { groups } = targetGroups(this.daemon.catalog, { namespace: "default", server: () => true });
    return groups.map(({ targets, labels }) => {
      const marks = [GUARDED, LINGERING].filter((label) => labels[label] === "true");
      return [...targets, ...marks].join(" ");
    });
  }
}

const endpoint = (index: number): string => `http://s${index}`;
const names = (...indexes: number[]): string[] => indexes.map((index) => `s${index}`);

describe("leases that run out together", () => {
  it("are held, marked, none removed, and go when the hold is over", async () => {
    const leased = await Leased.of(6);
    await leased.pass(40);
    leased.silence(0, 1, 2, 3);
    expect(await leased.pass(200)).toEqual([]);
    expect(leased.list()).toEqual([...names(0, 1, 2, 3).map((name) => `${name} ${GUARDED}`), ...names(4, 5)]);
    expect(leased.daemon.leases.held).toBe(4);
    expect(leased.daemon.catalog.services()).toHaveLength(6);
    expect(await leased.pass(HOLD_MS / 1000)).toHaveLength(4);
    expect(leased.list()).toEqual(names(4, 5));
  });

  it("are held though they run out one after the other, the first included", async () => {
    const leased = await Leased.of(0);
    for (let index = 0; index < 10; index++) {
      await leased.register(endpoint(index), TTL_S);
      await leased.pass(2);
    }
    leased.renewed.clear();
    await leased.pass(TTL_S * 2);
    expect(leased.daemon.leases.held).toBe(10);
  });

  it("are alive again when renewed", async () => {
    const leased = await Leased.of(3);
    const { leases } = leased.daemon;
    leased.silence(0, 1, 2);
    await leased.pass(100);
    expect(leases.held).toBe(3);
    leases.heard([...leases.keys()]);
    expect(leases.held).toBe(0);
    expect(leased.list()).toEqual(names(0, 1, 2));
  });

  it("go when an operator accepts, and are removed in time", async () => {
    const leased = await Leased.of(3);
    leased.silence(0, 1, 2);
    await leased.pass(100);
    expect(leased.daemon.leases.acceptLoss()).toBe(3);
    expect(leased.list()).toEqual([]);
    expect(leased.daemon.leases.acceptLoss()).toBe(0);
    expect(await leased.pass(60)).toHaveLength(3);
  });

  it("are not held when unregistered", async () => {
    const leased = await Leased.of(4);
    leased.silence(0, 1, 2, 3);
    await leased.pass(100);
    for (const index of [0, 1, 2, 3]) await leased.daemon.registry.unregisterService({ service: endpoint(index) }, BY);
    expect(leased.list()).toEqual([]);
    expect(leased.daemon.leases.held).toBe(0);
  });
});

describe("what is no mass loss", () => {
  it.each([
    ["fewer than three", 5, 0, [0, 1]],
    ["a small share, counting services without a lease", 4, 10, [0, 1, 2, 3]],
  ])("%s", async (_what, leasedCount, unleased, silent) => {
    const leased = await Leased.of(leasedCount);
    for (let index = 0; index < unleased; index++) await leased.register(`http://z${index}`);
    leased.silence(...silent);
    await leased.pass(90);
    expect(leased.daemon.leases.held).toBe(0);
    expect(leased.list()).toHaveLength(leasedCount + unleased - silent.length);
  });

  it("each list is judged by itself", async () => {
    const leased = await Leased.of(20);
    await leased.daemon.registry.registerNamespace({ name: "small" }, BY);
    for (const url of ["http://a", "http://b", "http://c"]) {
      await leased.daemon.registry.registerService(
        { name: "s", endpoint: url, namespace: "small", ttlSeconds: TTL_S },
        BY,
      );
    }
    await leased.pass(90);
    expect(leased.daemon.catalog.servicesIn("small")).toHaveLength(3);
    expect(leased.daemon.leases.held).toBe(3);
  });

  it("without a guard every silence is believed", async () => {
    const leased = await Leased.of(3, {});
    leased.silence(0, 1, 2);
    await leased.pass(70);
    expect(leased.list()).toEqual([]);
  });
});

describe("lingering", () => {
  it("a service whose lease expired is exported a while longer, marked, but not served", async () => {
    const leased = await Leased.of(1, { guard, lingerMs: 300_000 });
    leased.silence(0);
    expect(await leased.pass(200)).toEqual([]);
    expect(leased.list()).toEqual([`s0 ${LINGERING}`]);
    expect(leased.daemon.catalog.services()).toEqual([]);
    const [explained] = explainService(leased.daemon.catalog, endpoint(0));
    expect(explained?.reasons).toEqual([]);
    expect(explained?.lists[0]?.group.labels).toMatchObject({ [LINGERING]: "true" });
    expect(await leased.pass(200)).toHaveLength(1);
    expect(leased.list()).toEqual([]);
  });

  it("goes not while the backend is away", async () => {
    const leased = await Leased.of(4, { guard: { share: 0.3, holdMs: 1000 }, lingerMs: 1000 });
    leased.silence(0, 1, 2, 3);
    await leased.pass(61);
    leased.daemon.link.lost(new Error("gone"));
    await leased.pass(600);
    expect(leased.list()).toHaveLength(4);
  });
});
