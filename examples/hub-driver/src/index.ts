export { hubDriver as default } from "./driver.ts";
