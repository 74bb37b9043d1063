import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "e2e",
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 30_000,
    // These wait more than they compute, and starve nobody once the other projects are done.
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
});
