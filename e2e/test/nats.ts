import { type NatsOptions, type NatsServer, startNats } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";

/** A nats-server for the test that runs. */
export async function natsForTest(options: NatsOptions = {}): Promise<NatsServer> {
  const nats = await startNats(options);
  onTestFinished(() => nats.stop());
  return nats;
}
