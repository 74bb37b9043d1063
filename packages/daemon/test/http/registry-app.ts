import { registryUnderTest, type RegistryUnderTest } from "../registry/registry-under-test.ts";
import { appUnderTest, type AppUnderTest } from "./app-under-test.ts";

/** What a request was answered. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface RegistryApp extends AppUnderTest {
  readonly registry: RegistryUnderTest;
  /** Sends a body as JSON, unless it is text already. */
  readonly send: (method: string, path: string, body?: unknown) => Promise<Answered>;
  /** What a GET answers with 200, as JSON. */
  readonly get: <Body>(path: string) => Promise<Body>;
}

/** The real app over a registry of its own, on a database of its own. */
export async function registryApp(options: { token?: string; stopping?: AbortSignal } = {}): Promise<RegistryApp> {
  const registry = await registryUnderTest();
  const under = await appUnderTest({ ...options, registry: registry.service });
  const send: RegistryApp["send"] = async (method, path, body) => {
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const response = await under.app.request(path, { method, ...(text === undefined ? {} : { body: text }) });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const get = async <Body>(path: string): Promise<Body> => {
    const { status, text } = await send("GET", path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
    return JSON.parse(text) as Body;
  };
  return { ...under, registry, send, get };
}

/** A service as the API shows it, as far as tests look at it. */
export interface ShownService {
  readonly id: string;
  readonly name: string;
  readonly endpoint: string;
  readonly namespace: string;
  readonly servers: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly modified: string;
  readonly ttl?: number;
  readonly lease?: { readonly age: number; readonly expired: boolean };
}
