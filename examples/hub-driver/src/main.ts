import { createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";

/** The longest line, and the most that waits for one slow member, in UTF-16 units and bytes. Whoever has more is let go. */
const MAX_LINE = 2 * 1024 * 1024;
const MAX_WAITING = 64 * 1024 * 1024;

const { values } = parseArgs({
  options: { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "7070" } },
});
const members = new Set<Socket>();

/** The hub: repeats every line to everybody who is connected, the sender too; answers an empty line to its sender alone. */
const hub = createServer({ noDelay: true }, (socket) => {
  let rest = "";
  members.add(socket);
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) socket.destroy();
    for (const line of lines) {
      for (const member of line === "" ? [socket] : members) send(member, line);
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => members.delete(socket));
});
hub.listen(Number(values.port), values.host);

function send(member: Socket, line: string): void {
  if (member.writableLength > MAX_WAITING) member.destroy();
  else member.write(`${line}\n`);
}
