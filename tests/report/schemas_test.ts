import { assertEquals, assertThrows } from "@std/assert";
import { type InferOutput, parse } from "valibot";
import type { ChainDescription } from "../../mod.ts";
import {
  type CheckReport,
  descriptionSchema,
  type Explanation,
  type InitReport,
  type PermissionsReport,
  type PersistReport,
  reportJsonSchema,
  type ReportName,
} from "../../src/report/mod.ts";
import type { Persisted } from "../../src/bootstrap/mod.ts";
import type * as reports from "../../src/report/report_schemas.ts";

type Flattened<T> = T extends readonly (infer Item)[] ? readonly Flattened<Item>[]
  : T extends object ? { readonly [N in keyof T]: Flattened<T[N]> }
  : T;
type Same<A, B> = (<T>() => T extends Flattened<A> ? 1 : 2) extends (<T>() => T extends Flattened<B> ? 1 : 2) ? true
  : false;

Deno.test("the type of each report equals that of its schema", () => {
  const same: [
    Same<InferOutput<typeof reports.description>, ChainDescription>,
    Same<InferOutput<typeof reports.explanation>, Explanation>,
    Same<InferOutput<typeof reports.check>, CheckReport>,
    Same<InferOutput<typeof reports.permissions>, PermissionsReport>,
    Same<InferOutput<typeof reports.init>, InitReport>,
    Same<InferOutput<typeof reports.persist>, PersistReport>,
    Same<{ version: 1 } & Persisted extends infer P ? { [N in keyof P]: P[N] } : never, PersistReport>,
    Same<{ readonly a?: string }, { readonly a: string }>,
  ] = [true, true, true, true, true, true, true, false];
  assertEquals(same.length, 8);
});

Deno.test("reportJsonSchema() returns the JSON Schema of every report, which forbids undeclared members", () => {
  for (
    const report of ["description", "explanation", "check", "permissions", "init", "persist"] satisfies ReportName[]
  ) {
    const { $schema, type, additionalProperties, required, properties } = reportJsonSchema(report);
    assertEquals($schema, "https://json-schema.org/draft/2020-12/schema");
    assertEquals([type, additionalProperties], ["object", false]);
    assertEquals((required as string[])[0], "version");
    assertEquals((properties as Record<string, unknown>).version, { const: 1 });
  }
  const text = JSON.stringify(reportJsonSchema("description"));
  assertEquals(text.includes('"resolvedAt":{"type":"string","format":"date-time"}'), true, text);
});

Deno.test("a description with an undeclared member, such as a value, is refused by its schema", () => {
  const description = { version: 1, stores: [], credentials: [] };
  assertEquals(parse(descriptionSchema, description), { version: 1, stores: [], credentials: [] });
  assertThrows(() => parse(descriptionSchema, { ...description, value: "not-a-secret" }));
});
