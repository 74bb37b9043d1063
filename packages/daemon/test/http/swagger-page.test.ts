import { waitUntil } from "@org/discovery-test-servers";
import { Window } from "happy-dom";
import { expect, it, onTestFinished } from "vitest";
import { appUnderTest, type AppUnderTest } from "./app-under-test.ts";

interface Page {
  readonly window: Window;
  readonly sent: { readonly url: string; readonly init: RequestInit }[];
}

type ShowOperations = (document: object, page: object) => void;

async function open({ app }: AppUnderTest, token = ""): Promise<Page> {
  const window = new Window({ url: "http://localhost/swagger/" });
  onTestFinished(() => window.happyDOM.close());
  window.document.body.innerHTML = await (await app.request("/swagger/")).text();
  const { showOperations } = (await import(
    new URL("../../assets/swagger/show-operations.js", import.meta.url).href
  )) as { showOperations: ShowOperations };
  const sent: Page["sent"] = [];
  const document = (await (await app.request("/openapi.json")).json()) as object;
  const place = window.document.querySelector("#operations");
  const send = (url: string, init: RequestInit): Promise<Response> => {
    sent.push({ url, init });
    return Promise.resolve(app.request(url, init));
  };
  showOperations(document, { place, send, token: () => token });
  return { window, sent };
}

function fill({ window }: Page, id: string, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const input = window.document.querySelector(`#${id} [name="${name}"]`) as unknown as { value: string };
    input.value = value;
  }
}

async function submit({ window }: Page, id: string): Promise<string[]> {
  const form = window.document.querySelector(`#${id} form`)!;
  form.dispatchEvent(new window.Event("submit", { cancelable: true }));
  const shown = (): string[] => [...form.querySelectorAll("pre")].map((pre) => pre.textContent);
  await waitUntil("the answer is shown", () => !["", "…"].includes(shown()[1] ?? ""));
  return shown();
}

it("shows each operation with a form", async () => {
  const under = await appUnderTest();
  const page = await open(under);
  const document = (await (await under.app.request("/openapi.json")).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  expect([...page.window.document.querySelectorAll("details")].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(page.window.document.querySelectorAll("form button")).toHaveLength(ids.length);
});

it("sends what was typed, and shows what came back and how to do it in a shell", async () => {
  const page = await open(await appUnderTest({ environment: ["service:it's <b>"] }), "sesame");
  const [, own] = await submit(page, "getOwnHost");
  expect(own).toContain("200");
  expect(own).toContain(`"service:it's <b>"`);
  expect(page.window.document.querySelector("#getOwnHost pre b")).toBeNull();
  fill(page, "listHosts", { selector: "a in (b, c)", "If-None-Match": '"x"' });
  const [command] = await submit(page, "listHosts");
  expect(page.sent.at(-1)).toEqual({
    url: "/v1/discoveries?selector=a+in+%28b%2C+c%29",
    init: expect.objectContaining({
      ...{ method: "GET", headers: { "If-None-Match": '"x"', Authorization: "Bearer sesame" } },
    }),
  });
  expect(command).toBe(
    `curl -X GET -H 'If-None-Match: "x"' -H 'Authorization: Bearer TOKEN' 'http://localhost/v1/discoveries?selector=a+in+%28b%2C+c%29'`,
  );
});

it("shows events as they come, and gives a stream up for the next request", async () => {
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const page = await open(await appUnderTest({ stopping: stopping.signal }));
  fill(page, "watch", { kinds: "hosts" });
  const shown = (): string => page.window.document.querySelector("#watch pre:last-of-type")?.textContent ?? "";
  await submit(page, "watch");
  await waitUntil("the snapshot is shown", () => /200[^]*event: snapshot\n.*\ndata: \{"hosts":\[\]\}/.test(shown()));
  const [first] = page.sent;
  expect(first?.init.signal?.aborted).toBe(false);
  await submit(page, "watch");
  expect(first?.init.signal?.aborted).toBe(true);
  await waitUntil("the next snapshot is shown", () => shown().includes("event: snapshot"));
  stopping.abort();
  await waitUntil("the end is shown", () => shown().endsWith("(it has ended)"));
});

it("begins with a body that has what is needed, and puts a path together", async () => {
  const page = await open(await appUnderTest());
  const [command, answer] = await submit(page, "registerService");
  expect(JSON.parse(page.sent.at(-1)?.init.body as string)).toEqual({ name: "", endpoint: "", labels: {} });
  expect(command).toContain("--data-binary");
  expect(answer).toContain("501");
  fill(page, "getService", { namespace: "default", id: "http://a/b?c" });
  await submit(page, "getService");
  expect(page.sent.at(-1)?.url).toBe("/v1/services/default/http%3A%2F%2Fa%2Fb%3Fc");
});

it("is made of its own files alone, under a policy that lets it talk to this daemon only", async () => {
  const { app } = await appUnderTest({ token: "sesame" });
  const names = ["index.html", "page.css", "start.js", "show-operations.js", "request.js"];
  for (const name of ["", ...names]) {
    const response = await app.request(`/swagger/${name}`);
    const text = await response.text();
    expect([name, response.status, text.length > 100]).toEqual([name, 200, true]);
    expect(response.headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(text).not.toMatch(/https?:\/\/|\/\/[a-z]+\.[a-z]/);
    const used = [...text.matchAll(/(?:from|href=|src=) ?"(?:\.\/)?([\w.-]+\.\w+)"/g)].map(([, other]) => other);
    expect(names).toEqual(expect.arrayContaining(used));
  }
  for (const name of [
    "package.json",
    "..%2F..%2Fpackage.json",
    "%2e%2e/%2e%2e/package.json",
    "__proto__",
    "constructor",
  ]) {
    expect([name, (await app.request(`/swagger/${name}`)).status]).toEqual([name, name.includes("/") ? 401 : 404]);
  }
  const bare = await app.request("/swagger");
  expect([bare.status, bare.headers.get("Location")]).toEqual([302, "swagger/"]);
});
