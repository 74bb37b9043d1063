import type * as v from "valibot";
import { HostMessage, TargetGroupMessage } from "../messages/host-message.ts";
import { NamespaceMessage, RegisterNamespaceRequest } from "../messages/namespace-message.ts";
import { ProblemMessage } from "../messages/problem-message.ts";
import { RegisterServerRequest, ServerMessage } from "../messages/server-message.ts";
import { RegisterServiceRequest, ServiceMessage } from "../messages/service-message.ts";

/** The messages that have a name of their own in the document. */
export const definitions: Readonly<Record<string, v.GenericSchema>> = {
  Namespace: NamespaceMessage,
  Server: ServerMessage,
  Service: ServiceMessage,
  Host: HostMessage,
  TargetGroup: TargetGroupMessage,
  RegisterNamespaceRequest,
  RegisterServerRequest,
  RegisterServiceRequest,
  Problem: ProblemMessage,
};
