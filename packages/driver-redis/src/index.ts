export { redisDriver, redisDriver as default } from "./factory.ts";
export { redisOptions, type RedisOptions } from "./options.ts";
