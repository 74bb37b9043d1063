import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "e2e",
    include: ["test/**/*.test.ts"],
    // Not a promise: eight daemons that start at once on a busy machine take minutes.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // These wait more than they compute, and starve nobody once the other projects are done.
    maxWorkers: 3,
    sequence: { groupOrder: 1 },
  },
});
