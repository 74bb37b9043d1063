/** What a test runner may hand to a test body. */
export interface TestContext {
  /** Marks the running test as skipped. May throw to leave the body. */
  skip?(reason?: string): void;
}

/**
 * The part of a test runner that the suite needs. vitest's own `{ describe, it }` fit as they are; others are one line away.
 * The suite brings its own assertions, which throw.
 */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: (context: TestContext) => Promise<void>, timeoutMs?: number): void;
}
