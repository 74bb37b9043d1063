export { backOffMs, type BackOff } from "./back-off.ts";
export { every, sleep, type Cancel, type Clock } from "./clock.ts";
export { VirtualClock } from "./virtual-clock.ts";
export { DiscoveryError, isDiscoveryError, toError, type ErrorCode } from "./error.ts";
export { randomIdentifier } from "./identifier.ts";
export type { Log, LogFields } from "./log.ts";
export type { Bus, MessageHandler } from "./driver/bus.ts";
export { LinkMonitor, type Link } from "./driver/link.ts";
export {
  checkStoreKey,
  checkStoreValue,
  type Epoch,
  type Revision,
  type Store,
  type StoreChange,
  type StoreEntry,
  type StoreObserver,
  type StorePosition,
  type StoreSnapshot,
  type WriteOptions,
} from "./driver/store.ts";
export type { Driver, DriverContext, DriverFactory } from "./driver/driver.ts";
export { compareBytes } from "./byte-order.ts";
export {
  hostLabelLookup,
  hostLabelProblem,
  isHostLabel,
  normalizeLabels,
  parseLabelLines,
  parseLabelList,
  splitHostLabel,
  type HostLabelParts,
  type LabelledHost,
} from "./host-label.ts";
export { bracketHost, hostPort, isPort, parseHostPort, parsePort, type HostPort } from "./host-port.ts";
export { hostTargetGroups, type HostTargetGroupsOptions } from "./host-target-groups.ts";
export { lobbyListNames, lobbyTargetGroups } from "./lobby-target-groups.ts";
export { isPrometheusLabelName, sanitizeLabelName } from "./prometheus-label.ts";
export { recordLookup, type LabelLookup } from "./selector/label-lookup.ts";
export { requirementMatches, type Requirement } from "./selector/requirement.ts";
export { formatSelector, parseSelector, selectorMatches, type Selector } from "./selector/selector.ts";
export {
  labelRecord,
  sortTargetGroups,
  type HostTargetGroups,
  type Omission,
  type TargetGroup,
} from "./target-group.ts";
export type { Host, HostChange, HostStatus } from "./presence/host.ts";
export { isHostname } from "./presence/hostname.ts";
export type { Announcement } from "./presence/claim.ts";
export type { PresenceObserver, ReceivedResult, SentKind } from "./presence/observer.ts";
export { encodePacket, packableLabels, parsePacket, type Packet, type Rejection } from "./presence/packet.ts";
export { parseFleetRecords, type FleetRecord } from "./presence/peer-message.ts";
export { Presence, type PresenceOptions } from "./presence/presence.ts";
export type { DepartureRules } from "./presence/departures.ts";
export type { GuardRule } from "./presence/mass-loss-guard.ts";
export type { Unproven } from "./presence/signature.ts";
export type { SigningRule } from "./presence/signed-source.ts";
export type { PresenceSource } from "./presence/source.ts";
export { Replica, type ReplicaChange, type ReplicaOptions } from "./registry/replica.ts";
export { MAX_LABELS } from "./presence/announced-labels.ts";
export { Assignment, type Assignable, type AssignmentRule, type AssignmentStrategy } from "./registry/assignment.ts";
export type { AuditEntry, AuditFacts } from "./registry/audit-entry.ts";
export { Audit, type AuditOptions, type AuditQuery } from "./registry/audit.ts";
export { Catalog, type AssignedService, type CatalogOptions, type ExportedService } from "./registry/catalog.ts";
export type { Change } from "./registry/change.ts";
export { parseEndpoint, type Endpoint } from "./registry/endpoint.ts";
export { exportConfigNumber, parseExportConfig, type ExportConfig } from "./registry/export-config.ts";
export type { Labels } from "./registry/labels.ts";
export type { LeaseDepartureRules } from "./registry/lease-departures.ts";
export { Leases, type Lease, type LeasesOptions, type LeaseStatus } from "./registry/leases.ts";
export { DEFAULT_NAMESPACE, type Namespace, type NamespaceInput } from "./registry/namespace.ts";
export { planChange, type Move, type Plan, type PlannedChange, type ServerLoad } from "./registry/plan.ts";
export type { Problem } from "./registry/record-format.ts";
export { Registry, requireRegistry, type RegistryOptions } from "./registry/registry.ts";
export { checkServerName } from "./registry/registry-name.ts";
export { serverStateNumber, type ServerState } from "./registry/server-state.ts";
export type { Server, ServerInput } from "./registry/server.ts";
export { serviceId } from "./registry/service-id.ts";
export { queryServices, type ServiceQuery } from "./registry/service-query.ts";
export type { ServiceReference } from "./registry/service-registry.ts";
export { serviceKey, type Service, type ServiceInput } from "./registry/service.ts";
export { makeBackup, parseBackup, type Backup } from "./registry/backup.ts";
export {
  explainService,
  type ListExplanation,
  type ServerExplanation,
  type ServiceExplanation,
} from "./registry/explain.ts";
export { LeaseReaper, type LeaseReaperOptions } from "./registry/lease-reaper.ts";
export type { RestoreOptions, RestorePlan } from "./registry/restore.ts";
export { GroupMemory } from "./registry/group-memory.ts";
export type { ServiceOmission } from "./registry/service-omission.ts";
export {
  serviceTargetGroups,
  targetGroups,
  type RenderedService,
  type ServiceTargetGroups,
  type TargetGroupsQuery,
} from "./registry/service-target-groups.ts";
export type { Wiped } from "./registry/wipe.ts";
