import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Assignment, type AssignmentRule } from "../../src/registry/assignment.ts";
import { makeServer, type Server, type ServerInput } from "../../src/registry/server.ts";
import { fastestMs } from "../fastest-ms.ts";

function server(name: string, members: Partial<ServerInput> & { state?: Server["state"] } = {}): Server {
  const { state = "active", ...input } = members;
  return { ...makeServer({ name, ...input }, 0), state };
}

function fleet(count: number): Server[] {
  return Array.from({ length: count }, (_, index) => server(`prometheus${index}.example.com`));
}

const endpoints = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `http://host-${index}.example.com:9100/metrics`);

const serversOf = (servers: Server[], rule: AssignmentRule, endpoint: string, selector = ""): readonly string[] =>
  new Assignment(servers, rule).serversOf({ endpoint, selector });

describe("jump is the original's", () => {
  const prod = { labels: { env: "prod" } };
  const servers = [
    server("server1", prod),
    server("server2", prod),
    server("server3", prod),
    server("server4", { labels: { env: "test" } }),
  ];
  const rule = { strategy: "jump", replicas: 2 } as const;

  test("its documented example, also with another server", () => {
    const of = (servers: Server[]): readonly string[] =>
      serversOf(servers, rule, "http://p.example.com/metrics", "env=prod");
    expect(of(servers)).toEqual(["server2", "server3"]);
    expect(of([...servers, server("server5", prod)])).toEqual(["server2", "server3"]);
  });

  test("the ranking begins at the bucket and wraps around", () => {
    const assignment = new Assignment(servers, rule);
    const ranking = assignment.ranking({ endpoint: "http://p.example.com/metrics", selector: "env=prod" });
    expect(ranking.map(({ name }) => name)).toEqual(["server2", "server3", "server1"]);
  });
});

describe.each(["rendezvous", "jump"] as const)("%s", (strategy) => {
  const rule = (replicas: number): AssignmentRule => ({ strategy, replicas });

  test("every service has min(replicas, candidates) distinct servers, whatever the order of events", () => {
    const states = fc.constantFrom("active", "joining", "leaving");
    const one = fc.record({
      name: fc.stringMatching(/^[a-z]{1,6}$/),
      state: states,
      env: fc.constantFrom("prod", "test"),
    });
    const servers = fc
      .uniqueArray(one, { selector: ({ name }) => name, maxLength: 12 })
      .map((all) => all.map(({ name, state, env }) => server(name, { state, labels: { env } })));
    const shuffled = servers.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 5 }), fc.webUrl(), ([servers, other], replicas, endpoint) => {
        const chosen = serversOf(servers, rule(replicas), endpoint, "env=prod");
        const able = servers.filter(({ state, labels }) => state !== "leaving" && labels["env"] === "prod");
        expect(new Set(chosen).size).toBe(Math.min(replicas, able.length));
        expect(able.map(({ name }) => name)).toEqual(expect.arrayContaining([...chosen]));
        expect(serversOf(other, rule(replicas), endpoint, "env=prod")).toEqual(chosen);
        const ranking = new Assignment(servers, rule(replicas)).ranking({ endpoint, selector: "env=prod" });
        expect(ranking).toHaveLength(able.length);
        expect(
          ranking
            .slice(0, replicas)
            .map(({ name }) => name)
            .toSorted(),
        ).toEqual(chosen);
      }),
      { numRuns: 500 },
    );
  });

  test("no servers, or none that matches: none", () => {
    expect(serversOf([], rule(1), "http://a/")).toEqual([]);
    expect(serversOf(fleet(3), rule(1), "http://a/", "env=prod")).toEqual([]);
    expect(serversOf([server("a", { state: "leaving" })], rule(1), "http://a/")).toEqual([]);
  });

  test("10,000 services to 10 servers are one pass in memory", () => {
    const services = endpoints(10_000).map((endpoint, index) => ({ endpoint, selector: `!absent${index % 100}` }));
    const assign = (): (readonly string[])[] => {
      const assignment = new Assignment(fleet(10), rule(2));
      return services.map((service) => assignment.serversOf(service));
    };
    expect(assign().every((servers) => servers.length === 2)).toBe(true);
    // Some 100 ms on a slow machine; 10,000 writes to a backend would be far beyond.
    expect(fastestMs(assign)).toBeLessThan(2_000);
  });

  test.each([0, -1, 1.5, Number.NaN])("%s replicas are an invalid_argument", (replicas) => {
    expect(() => new Assignment([], rule(replicas))).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});

// The same on every machine and in every version: whoever changes this moves everybody's services.
test.each([
  ["http://example.com/metrics", "prometheus2.example.com"],
  ["http://blackbox.example.com", "prometheus3.example.com"],
  ["http://host-1.example.com:9100/metrics", "prometheus2.example.com"],
  ["http://bücher.example/", "prometheus2.example.com"],
  ["http://host-2.example.com:9100/metrics", "prometheus1.example.com"],
])("rendezvous gives %s to %s", (endpoint, name) => {
  expect(serversOf(fleet(5), {}, endpoint)).toEqual([name]);
});

describe("rendezvous moves what it must", () => {
  const names = (assignment: Assignment, endpoint: string): readonly string[] =>
    assignment.serversOf({ endpoint, selector: "" });

  /**
   * The services of a server are those that move when it leaves or joins; the next test shows that no other does. Each server
   * has some 1,500 here: chance alone would take one beyond 1.1 times the ideal share once in 10,000, and the keys are fixed.
   */
  test.each([2, 3, 5, 10, 20, 50])("no one of %i servers has more than 1.1 times the ideal share", (count) => {
    const assignment = new Assignment(fleet(count));
    const keys = endpoints(1_500 * count);
    const loads = new Map<string, number>();
    for (const endpoint of keys) {
      for (const name of names(assignment, endpoint)) loads.set(name, (loads.get(name) ?? 0) + 1);
    }
    expect(loads.size).toBe(count);
    expect(Math.max(...loads.values())).toBeLessThanOrEqual((1.1 * keys.length) / count);
  });

  test.each([
    [2, 1],
    [10, 1],
    [10, 3],
    [50, 1],
    [50, 2],
  ])(
    "one of %i servers that leaves or joins, %i replicas: only its own services move, each to one other server",
    (count, replicas) => {
      const servers = fleet(count);
      const left = servers[Math.floor(count / 2)]!.name;
      const all = new Assignment(servers, { replicas });
      const rest = new Assignment(
        servers.filter(({ name }) => name !== left),
        { replicas },
      );
      const wrong = endpoints(2_000).filter((endpoint) => {
        const [before, after] = [names(all, endpoint), names(rest, endpoint)];
        const stayed = before.filter((name) => name !== left);
        const size = Math.min(replicas, count - 1);
        return after.length !== size || !stayed.every((name) => after.includes(name));
      });
      expect(wrong).toEqual([]);
    },
  );

  test("draining is leaving", () => {
    const servers = fleet(10);
    const drained = servers.map((each, index) => (index === 3 ? { ...each, state: "leaving" as const } : each));
    const [a, b] = [new Assignment(drained), new Assignment(servers.toSpliced(3, 1))];
    expect(endpoints(2_000).filter((endpoint) => names(a, endpoint)[0] !== names(b, endpoint)[0])).toEqual([]);
  });

  test("a server of weight 3 gets three times as much, and taking the weight away moves nothing between the others", () => {
    const light = fleet(4);
    const heavy = light.map((each) => (each.name === "prometheus2.example.com" ? { ...each, weight: 3 } : each));
    const [a, b] = [new Assignment(light), new Assignment(heavy)];
    const keys = endpoints(20_000);
    const mine = keys.filter((endpoint) => names(b, endpoint)[0] === "prometheus2.example.com");
    expect(mine.length / keys.length).toBeGreaterThan(0.48);
    expect(mine.length / keys.length).toBeLessThan(0.52);
    const isMine = new Set(mine);
    const others = keys.filter((endpoint) => !isMine.has(endpoint));
    expect(others.filter((endpoint) => names(a, endpoint)[0] !== names(b, endpoint)[0])).toEqual([]);
  });
});
