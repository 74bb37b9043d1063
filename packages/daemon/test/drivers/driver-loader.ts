/** Loads drivers in plain Node, for under vitest `import()` is vite's: to be forked, and sent a name and a folder at a time. */
import { isDiscoveryError, toError } from "@org/discovery-core";
import { loadDriver } from "../../src/drivers/load-driver.ts";

interface Request {
  readonly name: string;
  readonly folder: string;
}

process.on("message", (request: Request) => void answer(request));

async function answer({ name, folder }: Request): Promise<void> {
  try {
    const factory = await loadDriver(name, folder);
    process.send?.({ driver: factory.name });
  } catch (error) {
    process.send?.({ code: isDiscoveryError(error) ? error.code : "none", message: toError(error).message });
  }
}
