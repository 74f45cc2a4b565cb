/**
 * Says which files of the reports' JSON Schemas differ from the code. With `--update` they are written.
 *
 * @module
 */
import { readSchemaFiles, schemaFiles, SCHEMAS } from "../support/schema_files.ts";

Deno.mkdirSync(SCHEMAS, { recursive: true });
const kept = readSchemaFiles();
const changed = Object.entries(schemaFiles()).filter(([name, text]) => kept[name] !== text);
for (const [name, text] of Deno.args.includes("--update") ? changed : []) {
  Deno.writeTextFileSync(new URL(name, SCHEMAS), text);
}
console.log(changed.map(([name]) => name).join("\n") || "No difference from src/report/schemas");
