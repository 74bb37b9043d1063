import { toError } from "../error.ts";
import type { PresenceObserver, SentKind } from "./observer.ts";
import type { PresenceSource } from "./source.ts";

/** Sends on every source whose link is up. A source that fails is reported and keeps none of the others waiting. */
export async function broadcast(
  { sources, observer }: { readonly sources: readonly PresenceSource[]; readonly observer: PresenceObserver },
  kind: SentKind,
  message: { readonly channel: (source: PresenceSource) => string; readonly text: string },
): Promise<void> {
  await Promise.all(
    sources.map(async (source) => {
      if (source.link.state === "down") return;
      try {
        await source.bus.publish(message.channel(source), message.text);
        observer.sent(source.name, kind);
      } catch (error) {
        observer.sent(source.name, kind, toError(error));
      }
    }),
  );
}
