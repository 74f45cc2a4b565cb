/**
 * Says which files of the reports' JSON Schemas differ from the code. With `--update` they are written.
 *
 * @module
 */
import { readSchemaFiles, SCHEMA_MODULE, schemaFiles, schemaModule, SCHEMAS } from "../support/schema_files.ts";

Deno.mkdirSync(SCHEMAS, { recursive: true });
const kept = readSchemaFiles();
const changed = Object.entries(schemaFiles()).filter(([name, text]) => kept[name] !== text)
  .map(([name, text]) => ({ url: new URL(name, SCHEMAS), text }));
if (Deno.readTextFileSync(SCHEMA_MODULE) !== schemaModule()) changed.push({ url: SCHEMA_MODULE, text: schemaModule() });
for (const { url, text } of Deno.args.includes("--update") ? changed : []) Deno.writeTextFileSync(url, text);
console.log(changed.map(({ url }) => url.pathname.split("/").at(-1)).join("\n") || "No difference from src/report");
