/**
 * The request that a filled form stands for.
 *
 * @param {{ method: string, path: string, parameters: { name: string, in: string }[] }} operation
 * @param {{ values: Record<string, string>, body?: string, bodyType?: string, token?: string }} given what was typed; empty is not given
 * @returns {{ url: string, init: { method: string, headers: Record<string, string>, body?: string } }}
 */
export function requestOf({ method, path, parameters }, { values, body = "", bodyType = "", token = "" }) {
  const query = new URLSearchParams();
  const headers = {};
  let url = path;
  for (const parameter of parameters) {
    const value = values[parameter.name] ?? "";
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (value !== "" && parameter.in === "query") query.set(parameter.name, value);
    else if (value !== "") headers[parameter.name] = value;
  }
  if (token !== "") headers["Authorization"] = `Bearer ${token}`;
  const search = query.toString();
  const init = { method: method.toUpperCase(), headers };
  if (body !== "") {
    headers["Content-Type"] = bodyType;
    init.body = body;
  }
  return { url: search === "" ? url : `${url}?${search}`, init };
}

/**
 * The same request for a shell. The token stays out of it.
 *
 * @param {string} origin
 * @param {ReturnType<typeof requestOf>} request
 */
export function curlOf(origin, { url, init }) {
  const headers = Object.entries(init.headers).filter(([name]) => name !== "Authorization");
  const words = ["curl", "-X", init.method, ...headers.flatMap(([name, value]) => ["-H", `${name}: ${value}`])];
  if ("Authorization" in init.headers) words.push("-H", "Authorization: Bearer TOKEN");
  if (init.body !== undefined) words.push("--data-binary", init.body);
  return [...words, origin + url].map((word) => (/^[\w./:-]+$/.test(word) ? word : quote(word))).join(" ");
}

function quote(word) {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A body to begin with: the required members of a schema, and the optional ones that say something.
 *
 * @param {object} schema
 * @param {Record<string, object>} named the schemas with a name of their own
 */
export function exampleOf(schema, named) {
  const known = resolve(schema, named);
  const required = known.required ?? [];
  const members = Object.entries(known.properties ?? {}).filter(
    ([, member]) => (member.description ?? "").startsWith("Ignored") === false,
  );
  const shown = members.filter(([name]) => [...required, "labels"].includes(name));
  return JSON.stringify(
    Object.fromEntries(shown.map(([name, member]) => [name, sample(resolve(member, named))])),
    null,
    2,
  );
}

function resolve(schema, named) {
  const reference = schema.$ref;
  return reference === undefined ? schema : named[reference.split("/").at(-1)];
}

function sample({ type, anyOf }) {
  if (anyOf !== undefined) return sample(anyOf[0]);
  if (type === "object") return {};
  return type === "number" || type === "integer" ? 0 : "";
}
