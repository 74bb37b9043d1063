import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { ServerProcess } from "@org/discovery-test-servers";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** The hub in a process of its own, on a free port. */
export function startHub(): Promise<ServerProcess> {
  return ServerProcess.start({
    command: process.execPath,
    args: ({ port }) => [MAIN, "--port", String(port)],
    answers: ({ port }) => answers(port),
  });
}

/** Whether an empty line comes back. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.on("connect", () => socket.write("\n"));
    socket.on("data", (chunk) => finish(chunk.toString() === "\n"));
    socket.on("error", () => finish(false));
    socket.on("timeout", () => finish(false));
  });
}
