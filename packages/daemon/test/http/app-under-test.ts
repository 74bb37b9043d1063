import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "@org/discovery-test-servers";
import type { Cancel } from "@org/discovery-core";
import type { Hono } from "hono";
import { onTestFinished } from "vitest";
import { createApp } from "../../src/http/app.ts";
import type { NotReady } from "../../src/http/not-ready.ts";
import type { KnownHost, PresenceView } from "../../src/http/presence-view.ts";
import type { RegistryView } from "../../src/http/registry-view.ts";
import { LocalLabels } from "../../src/labels/local-labels.ts";
import { createMetrics, type Metrics } from "../../src/metrics.ts";
import { RecordingLog } from "../recording-log.ts";

/** A fleet that the test writes down. */
export class WrittenPresence implements PresenceView {
  known: readonly KnownHost[] = [];
  whyNotReady: NotReady | undefined;
  stale: number | undefined;
  announcements: string[][] = [];
  readonly listeners = new Set<() => void>();
  readonly #labels: LocalLabels;

  constructor(labels: LocalLabels) {
    this.#labels = labels;
  }

  notReady(): NotReady | undefined {
    return this.whyNotReady;
  }

  staleSeconds(): number | undefined {
    return this.stale;
  }

  hosts(): readonly KnownHost[] {
    return this.known;
  }

  exported(): readonly KnownHost[] {
    return this.known;
  }

  onChange(listener: () => void): Cancel {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  held(): number {
    return this.known.filter(({ status }) => status === "held").length;
  }

  acceptLoss(): number {
    const held = this.held();
    this.known = this.known.filter(({ status }) => status !== "held");
    return held;
  }

  async self(): Promise<{ hostname: string; labels: readonly string[] }> {
    return { hostname: "self.example.com", labels: await this.#labels.read() };
  }

  async announce(): Promise<void> {
    this.announcements.push([...(await this.#labels.read())]);
  }
}

export interface AppUnderTest {
  readonly app: Hono;
  readonly presence: WrittenPresence;
  readonly labels: LocalLabels;
  readonly log: RecordingLog;
  readonly metrics: Metrics;
}

/** The real app on a folder of its own, over a fleet of the test's making. */
export async function appUnderTest(
  options: {
    readonly token?: string;
    readonly environment?: readonly string[];
    readonly registry?: RegistryView;
    readonly stopping?: AbortSignal;
  } = {},
): Promise<AppUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "discovery-http-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const log = new RecordingLog();
  const metrics = createMetrics();
  const labels = new LocalLabels({
    environment: options.environment ?? [],
    folder,
    runtimeFilename: "_runtime",
    log,
  });
  const presence = new WrittenPresence(labels);
  const app = createApp({
    clock: realClock,
    log,
    random: Math.random,
    metrics,
    stopping: options.stopping ?? new AbortController().signal,
    view: presence,
    registry: options.registry,
    labels,
    token: options.token,
    defaultPort: 9100,
  });
  return { app, presence, labels, log, metrics };
}

export function host(hostname: string, ...labels: string[]): KnownHost {
  return { hostname, labels, lastSeen: 1_700_000_000 };
}
