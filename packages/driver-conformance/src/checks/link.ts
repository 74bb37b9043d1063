import type { Driver } from "@org/discovery-core";
import { DOWN_WITHIN_MS } from "../arena.ts";
import { assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";

/** What a link says of its backend. */
export const linkChecks = {
  "link: down before start, up with a proof after it": async (arena) => {
    const driver = arena.connect();
    assertSame(driver.link.state, "down", "state before start()");
    assertSame(driver.link.lastProof, Number.NEGATIVE_INFINITY, "lastProof before start()");
    await arena.within(driver.start(), "start()");
    assertSame(driver.link.state, "up", "state after start()");
    assertThat(driver.link.lastProof > Number.NEGATIVE_INFINITY, "start() resolved without a proof of the link");
  },

  "link: the proof is renewed while up": async (arena) => {
    const driver = await arena.daemon();
    const since = driver.link.since;
    for (let renewal = 0; renewal < 2; renewal++) {
      const before = driver.link.lastProof;
      await arena.until("a newer proof", () => driver.link.lastProof > before, DOWN_WITHIN_MS);
    }
    assertSame(driver.link.since, since, "since, after a time without interruption");
  },

  "link: down within 5 s of a kill, up within 2 s of the return": async (arena) => {
    const driver = await arena.daemon();
    await interrupt(driver, {
      begin: () => arena.kill(driver),
      end: () => arena.restart(driver),
    });
  },

  "link: down within 5 s of a freeze, up within 2 s of the thaw": async (arena) => {
    const driver = await arena.daemon();
    await interrupt(driver, {
      begin: () => arena.freeze(driver),
      end: () => arena.thaw(driver),
    });
  },
} satisfies CheckTable;

interface Interruption {
  begin(): Promise<void>;
  end(): Promise<void>;
}

async function interrupt(driver: Driver, interruption: Interruption): Promise<void> {
  const { link } = driver;
  const told: string[] = [];
  const cancel = link.onChange((changed) => told.push(changed.state));
  const began = link.since;
  await interruption.begin();
  assertThat(link.since > began, "since did not change when the link went down");
  assertThat(link.lastError instanceof Error, "lastError is missing while the link is down");
  assertSame(told, ["down"], "changes told when the backend was gone");
  const [wentDown, lastProof] = [link.since, link.lastProof];
  await interruption.end();
  assertThat(link.since > wentDown, "since did not change when the link came up");
  assertThat(link.lastProof > lastProof, "the link came up without a newer proof");
  assertSame(told, ["down", "up"], "changes told in all");
  cancel();
}
