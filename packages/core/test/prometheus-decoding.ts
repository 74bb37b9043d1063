import { expect } from "vitest";
import type { TargetGroup } from "../src/target-group.ts";

const TARGET = /^(?:\[[0-9a-fA-F:.]+\]|[^\s/:?#@%[\]\\\p{C}]+)(?::([0-9]{1,5}))?$/u;

/**
 * Fails unless Prometheus would take the rendered answer as a whole, by the rules of its http_sd decoder: an array of
 * objects with the members `targets` and `labels` and no other, legal label names, strings everywhere. Beyond the decoder
 * every target must be one that it can scrape.
 */
export function expectPrometheusTakes(groups: readonly TargetGroup[]): void {
  const body = JSON.stringify(groups);
  expect(new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(body))).toBe(body);
  // JSON.stringify escapes a lone surrogate; Go would read U+FFFD instead.
  expect(body).not.toMatch(/\\u[dD][89abAB]/);
  for (const group of JSON.parse(body) as unknown[]) expectGroup(group);
}

function expectGroup(group: unknown): void {
  if (typeof group !== "object" || group === null) throw new Error("a group is null or no object");
  expect(Object.keys(group)).toEqual(["targets", "labels"]);
  const { targets, labels } = group as { targets: unknown; labels: unknown };
  if (!Array.isArray(targets)) throw new Error("targets is no array");
  for (const target of targets as unknown[]) {
    if (typeof target !== "string") throw new Error("a target is no string");
    const match = TARGET.exec(target);
    if (match === null) throw new Error(`target ${JSON.stringify(target)}`);
    if (match[1] !== undefined) {
      expect(Number(match[1])).toBeGreaterThan(0);
      expect(Number(match[1])).toBeLessThan(65_536);
    }
  }
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) throw new Error("labels is no object");
  for (const [name, value] of Object.entries(labels)) {
    expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
    expect(typeof value).toBe("string");
  }
}
