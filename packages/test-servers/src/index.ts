export { freePort } from "./free-port.ts";
export { reapWithUs } from "./reaper.ts";
export { realClock } from "./real-clock.ts";
export { waitUntil } from "./wait-until.ts";
export { ServerProcess, type RestartOptions, type ServerPlace, type ServerPlan } from "./server-process.ts";
export { startRedis, type RedisOptions, type RedisServer } from "./redis-server.ts";
export { startNats, type NatsOptions, type NatsServer } from "./nats-server.ts";
export { startPrometheus, type PrometheusOptions, type PrometheusServer } from "./prometheus-server.ts";
