import { appUnderTest, type AppUnderTest } from "../app-under-test.ts";
import { livingRegistry, type LivingRegistry } from "../living-registry.ts";

/** An answer as JSON, with its status. */
export interface Answered {
  readonly status: number;
  // The shape is what each test expects of it.
  readonly body: Record<string, never>;
}

/** The real app over a real registry. */
export interface RegistryApp extends AppUnderTest {
  readonly registry: LivingRegistry;
  get(path: string): Promise<Answered>;
  post(path: string, body?: unknown): Promise<Answered>;
  delete(path: string): Promise<Answered>;
}

/** With three servers, two namespaces and a service in each. */
export async function registryApp(): Promise<RegistryApp> {
  const registry = await livingRegistry();
  const under = await appUnderTest({ registry });
  const send = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const headers = { Accept: "application/json" };
    const response = await under.app.request(path, { method, headers, ...(body === undefined ? {} : { body: text }) });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  };
  const app: RegistryApp = {
    ...under,
    registry,
    get: (path) => send("GET", path),
    post: (path, body) => send("POST", path, body),
    delete: (path) => send("DELETE", path),
  };
  for (const name of ["p1", "p2"]) await app.post("/v1/servers", { name, labels: { env: "prod" }, reason: "setup" });
  await app.post("/v1/servers", { name: "p3", labels: { env: "test" } });
  await app.post("/v1/namespaces", { name: "bb", export: "blackbox" });
  await app.post("/v1/services", { name: "web", endpoint: WEB, selector: "env=prod" });
  await app.post("/v1/services", { name: "probe", endpoint: PROBE, namespace: "bb", selector: "env=test" });
  await registry.audit.settled();
  return app;
}

export const WEB = "http://web.example.com:9100/metrics";
export const PROBE = "http://probe.example.com/";
