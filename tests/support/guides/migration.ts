import { linkPackages } from "../packaging/built_package.ts";
import { makeProject, type Project } from "../packaging/project.ts";
import { asInstalled, Page } from "../pages/page.ts";
import { installOnce } from "../runtimes/install.ts";

/** The packages from which the guides migrate, in the versions that the pages name. */
export const PACKAGES = {
  "@aws-sdk/credential-providers": "3.1173.0",
  "@azure/identity": "4.13.1",
  "@dotenvx/dotenvx": "2.38.2",
  "@t3-oss/env-core": "0.13.11",
  dotenv: "18.0.10",
  "dotenv-expand": "12.0.3",
  envalid: "8.2.0",
  znv: "0.5.0",
} as const;

/** More packages that the comparison speaks of, and that are run for it. */
export const COMPARED = { c12: "3.3.4", effect: "4.1.0", unstorage: "1.17.6" } as const;

/** What else their programs need. */
const TOOLS = {
  "@aws-sdk/client-s3": "3.1173.0",
  "@types/node": "24.0.0",
  zod: "3.25.76",
} as const;

/** The guides with a program before and after. */
export const GUIDES = ["aws", "azure", "dotenv", "python", "validators"] as const;

/** Returns a guide's page. */
export function guide(name: typeof GUIDES[number]): Page {
  return new Page(`.github/guides/migrating_from_${name}.md`);
}

/** Returns the programs of a guide: those before, and the one after. */
export function programs(name: typeof GUIDES[number]): { readonly before: readonly string[]; readonly after: string } {
  const page = guide(name);
  const [after] = page.blocks("Before and after", "ts");
  const before = page.all.filter(({ title, info }) => title === "Before and after" && info === "ts ignore");
  return { before: before.map(({ code }) => code), after: asInstalled(after) };
}

/** Creates a project with this package and those of the guides. */
export async function makeMigration(): Promise<Project> {
  const packages = { ...PACKAGES, ...COMPARED, ...TOOLS };
  const installed = await installOnce("migrating", packages);
  const project = await makeProject();
  linkPackages(installed, Object.keys(packages), `${project.directory}/node_modules`);
  return project;
}
