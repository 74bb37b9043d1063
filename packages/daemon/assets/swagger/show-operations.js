import { curlOf, exampleOf, requestOf } from "./request.js";

/** Headers of an answer that say something about it. */
const TOLD = ["Content-Type", "ETag", "Retry-After", "X-Discovery-Stale", "X-Discovery-Guarded"];

/** Pieces of a stream that stay on the page. */
const MOST_PIECES = 1000;

/**
 * Shows every operation of an OpenAPI document, by tag, each with a form that sends it.
 *
 * @param {object} document of `/openapi.json`
 * @param {{ place: Element, send: typeof fetch, token: () => string }} page
 */
export function showOperations(document, page) {
  const tags = new Map();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const [tag] = operation.tags;
      const all = tags.get(tag) ?? [];
      tags.set(tag, [...all, { parameters: [], ...operation, path, method }]);
    }
  }
  const named = document.components.schemas;
  page.place.replaceChildren();
  for (const [tag, operations] of tags) {
    element(page.place, "h2", tag);
    for (const operation of operations) showOperation(operation, named, page);
  }
}

function showOperation(operation, named, page) {
  const details = element(page.place, "details");
  details.id = operation.operationId;
  const summary = element(details, "summary");
  element(summary, "b", operation.method.toUpperCase());
  element(summary, "code", operation.path);
  summary.append(` ${operation.summary}`);
  if (operation.description !== undefined) element(details, "p", operation.description);
  const form = element(details, "form");
  const inputs = operation.parameters.map((parameter) => [parameter.name, field(form, parameter)]);
  const body = bodyField(form, operation.requestBody, named);
  element(form, "button", "Send");
  const command = element(form, "pre");
  const answer = element(form, "pre");
  let sending = new AbortController();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(inputs.map(([name, input]) => [name, input.value]));
    const given = {
      values,
      token: page.token(),
      ...(body === undefined ? {} : { body: body.input.value, bodyType: body.type }),
    };
    const request = requestOf(operation, given);
    command.textContent = curlOf(form.ownerDocument.location.origin, request);
    // A stream would go on beside the next one.
    sending.abort();
    sending = new AbortController();
    void show(answer, page.send(request.url, { ...request.init, signal: sending.signal }));
  });
}

function field(form, { name, description = "", required = false, schema }) {
  const label = element(form, "label", required ? `${name} (needed)` : name);
  const input = element(label, schema.enum === undefined ? "input" : "select");
  for (const value of schema.enum === undefined ? [] : ["", ...schema.enum]) element(input, "option", value);
  input.name = name;
  input.required = required;
  element(label, "small", description);
  return input;
}

function bodyField(form, requestBody, named) {
  if (requestBody === undefined) return undefined;
  const [[type, { schema }]] = Object.entries(requestBody.content);
  const label = element(form, "label", requestBody.description ?? "Body");
  const input = element(label, "textarea");
  input.name = "body";
  if (type === "application/json") input.value = exampleOf(schema, named);
  return { input, type };
}

async function show(place, sent) {
  place.textContent = "…";
  try {
    const response = await sent;
    const headers = TOLD.filter((name) => response.headers.has(name)).map(
      (name) => `${name}: ${response.headers.get(name)}`,
    );
    const head = [`${response.status} ${response.statusText}`, ...headers].join("\n");
    const isStream = (response.headers.get("Content-Type") ?? "").startsWith("text/event-stream");
    place.textContent = `${head}\n\n${isStream ? "" : pretty(await response.text())}`;
    if (isStream) await follow(place, response.body.getReader());
  } catch (error) {
    // What was given up has made room for something else.
    if (error.name !== "AbortError") place.textContent = `no answer: ${String(error)}`;
  }
}

/** Shows a stream as it comes, and of a long one the end. */
async function follow(place, reader) {
  const decoder = new TextDecoder();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    place.append(decoder.decode(part.value, { stream: true }));
    if (place.childNodes.length > MOST_PIECES) place.firstChild.remove();
  }
  place.append("(it has ended)");
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A new element at the end of another one; text only, so that nothing an answer says can become markup. */
function element(parent, name, text = "") {
  const made = parent.ownerDocument.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
}
