import { beforeEach, describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "../../../src/http/body.ts";
import { appUnderTest, type AppUnderTest } from "../app-under-test.ts";

let under: AppUnderTest;

beforeEach(async () => {
  under = await appUnderTest({ environment: ["fixed"] });
});

async function send(method: string, body: string | Uint8Array<ArrayBuffer> | ReadableStream | null): Promise<Response> {
  return under.app.request("/v1/labels", { method, body, duplex: "half" });
}

describe("POST and DELETE /v1/labels", () => {
  it("edit the runtime labels, announce at once and answer OK", async () => {
    const added = await send("POST", "  service:smtp\r\n\nlocation:prague\n");
    expect([added.status, await added.text()]).toEqual([200, "OK"]);
    expect(added.headers.get("Content-Type")).toMatch(/^text\/plain/);
    const removed = await send("DELETE", "location:prague");
    expect([removed.status, await removed.text()]).toEqual([200, "OK"]);
    expect(under.presence.announcements).toEqual([
      ["fixed", "location:prague", "service:smtp"],
      ["fixed", "service:smtp"],
    ]);
  });

  it.each([
    ["nothing", null],
    ["blank lines", " \n\n\t\n"],
    ["a control character", "good\nbad\u0007"],
    ["a label over 1 KiB", "x".repeat(1025)],
    ["bytes that are not UTF-8", new Uint8Array([0x61, 0xff, 0xfe])],
  ])("refuse %s with 400 and change nothing", async (_what, body) => {
    for (const method of ["POST", "DELETE"]) expect((await send(method, body)).status).toBe(400);
    expect(await under.labels.read()).toEqual(["fixed"]);
    expect(under.presence.announcements).toEqual([]);
  });

  it("refuse to delete what the environment sets", async () => {
    const response = await send("DELETE", "fixed");
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(`label "fixed" is set by the environment, so it can't be deleted`);
  });

  it("refuse a body over the limit, and read no further", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x61));
      },
    });
    const response = await send("POST", endless);
    expect([response.status, response.headers.get("Connection")]).toEqual([413, "close"]);
    expect(sent).toBeLessThan(MAX_BODY_BYTES * 1.5);
  });

  it("take a body of exactly the limit", async () => {
    const body = `${"x".repeat(1000)}\n`.padEnd(MAX_BODY_BYTES, "\n");
    expect((await send("POST", body)).status).toBe(200);
    expect((await send("POST", `${body}\n`)).status).toBe(413);
  });
});
