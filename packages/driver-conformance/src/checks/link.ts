import type { Cancel, Driver, Link } from "@org/discovery-core";
import { DOWN_WITHIN_MS } from "../arena.ts";
import { assertSame, assertThat } from "../assert.ts";
import type { CheckTable } from "../check.ts";

const TIMELY_MS = 2_000;
const MOST_RENEWALS = 12;

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
    for (let timely = 0, renewal = 0; timely < 2; renewal++) {
      assertThat(renewal < MOST_RENEWALS, `of ${renewal} proofs ${timely} came within ${TIMELY_MS} ms`);
      const { since, lastProof } = driver.link;
      await arena.until("a newer proof", () => driver.link.lastProof > lastProof, DOWN_WITHIN_MS);
      // After a longer silence, and be it that of a machine that stood still, the link may begin anew.
      if (driver.link.lastProof - lastProof > TIMELY_MS) continue;
      timely++;
      assertSame(driver.link.since, since, "since, after a time without interruption");
    }
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
  const told = new Changes(link);
  const began = link.since;
  await interruption.begin();
  assertThat(link.since > began, "since did not change when the link went down");
  assertThat(link.lastError instanceof Error, "lastError is missing while the link is down");
  assertSame(told.states, ["down"], "changes told when the backend was gone");
  const [wentDown, lastProof] = [link.since, link.lastProof];
  await interruption.end();
  assertThat(link.since > wentDown, "since did not change when the link came up");
  assertThat(link.lastProof > lastProof, "the link came up without a newer proof");
  assertSame(told.states, ["down", "up"], "changes told in all");
  assertSame(told.repeated, 0, "times that a listener was told although nothing had changed");
  told.cancel();
}

/** What a link tells. That it begins anew while up, as after a time in which the machine stood still, is no change of state. */
class Changes {
  readonly states: string[] = [];
  repeated = 0;
  readonly cancel: Cancel;
  #last: Pick<Link, "state" | "since">;

  constructor(link: Link) {
    this.#last = { state: link.state, since: link.since };
    this.cancel = link.onChange(({ state, since }) => {
      if (state !== this.#last.state) this.states.push(state);
      else if (since === this.#last.since) this.repeated++;
      this.#last = { state, since };
    });
  }
}
