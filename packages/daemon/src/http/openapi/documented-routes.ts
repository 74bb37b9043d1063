import { Hono, type Context } from "hono";
import { readInput } from "./read-input.ts";
import type { InputOf, Operation } from "./operation.ts";

/** Routes with what the OpenAPI document says of them. */
export class DocumentedRoutes {
  readonly hono = new Hono();
  readonly operations: Operation[] = [];

  /** Adds a route. Its handler sees only requests that fit the operation; others get the 400 that says why. */
  on<Declared extends Operation>(
    operation: Declared,
    handle: (c: Context, input: InputOf<Declared>) => Response | Promise<Response>,
  ): this {
    this.operations.push(operation);
    this.hono[operation.method](operation.path, async (c) => handle(c, await readInput(c, operation)));
    return this;
  }
}
