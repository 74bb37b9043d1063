/** The house rules that oxlint cannot express. Part of `pnpm lint`. */
import {
  dependenciesPointOneWay,
  importsPointOneWay,
  noImportAcrossPackages,
} from "./house-rules/package-direction.ts";
import { packagesPublishable, projectsReferenced, versionsFromCatalog } from "./house-rules/package-shape.ts";
import { indexOnlyReexports, publicNamesDocumented } from "./house-rules/public-names.ts";
import type { HouseRule } from "./house-rules/rule.ts";
import { fileNames, noEscapes, noModuleState } from "./house-rules/source-text.ts";

const RULES: readonly HouseRule[] = [
  fileNames,
  noEscapes,
  noModuleState,
  indexOnlyReexports,
  publicNamesDocumented,
  dependenciesPointOneWay,
  importsPointOneWay,
  noImportAcrossPackages,
  packagesPublishable,
  versionsFromCatalog,
  projectsReferenced,
];

const violations = RULES.flatMap((rule) => rule());
for (const violation of violations) console.error(violation);
if (violations.length > 0) {
  console.error(`${violations.length} violations of the house rules`);
  process.exitCode = 1;
}
