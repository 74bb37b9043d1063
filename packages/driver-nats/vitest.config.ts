import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "driver-nats",
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The clusters of `cluster-conformance.test.ts`.
    maxConcurrency: 3,
  },
});
