import { reportJsonSchema, type ReportName } from "../../src/report/schemas.ts";
import { rootUrl } from "./closed_network/root.ts";

/** The folder of the reports' JSON Schemas. */
export const SCHEMAS: URL = new URL("src/report/schemas/", rootUrl);

const REPORTS: readonly ReportName[] = ["description", "explanation", "check", "permissions", "init", "persist"];

/** Returns the text of every file of that folder, by its name, as the schemas of the code have it. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(REPORTS.map((report) => {
    const schema = reportJsonSchema(report);
    return [String(schema.$id).split("/").at(-1)!, JSON.stringify(schema, null, 2) + "\n"];
  }));
}

/** Reads the files that are there, by their names. */
export function readSchemaFiles(): Readonly<Record<string, string>> {
  const names = [...Deno.readDirSync(SCHEMAS)].map(({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => [name, Deno.readTextFileSync(new URL(name, SCHEMAS))]));
}
