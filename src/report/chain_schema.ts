import * as v from "valibot";
import { isReference } from "../reference.ts";
import type { ShapeName } from "../shapes/shape.ts";

type Members = Readonly<Record<string, unknown>>;

/** Whether something has members, and is no list. */
export function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Hint: valibot takes a list for an object.
const members = v.custom<Members>(isRecord, "Expected an object");
const each = <S extends v.GenericSchema>(schema: S) => v.pipe(members, v.record(v.string(), schema));

const text = v.pipe(v.string(), v.nonEmpty("Expected a text that is not empty"));
const textOrTexts = v.union([text, v.array(text)], "Expected a name or a list of names");
const reference = v.custom<object>(isReference, "Expected a reference, as fromEnv() gives one");
const textOrReference = v.union([v.string(), reference], "Expected a text or a reference, as fromEnv() gives one");
const milliseconds = v.pipe(v.number(), v.minValue(0, "Expected a number of milliseconds from 0"));
const policy = v.picklist(["next", "stop"], 'Expected "next" or "stop"');

const flag = v.custom<object>(isReference, "Expected a flag, as flag() gives one");

const standardSchema = v.custom<object>(
  (value) => typeof Object(Object(value)["~standard"]).validate === "function",
  "Expected a Standard Schema, as those of valibot are",
);

/** One field, as `required()` and its like give it. */
const field = v.pipe(
  members,
  v.strictObject({
    presence: v.picklist(
      ["required", "optional", "setting", "destination"],
      "Expected a field, as required(), optional(), setting() or destination() gives one",
    ),
    schema: v.optional(standardSchema),
    default: v.optional(v.unknown()),
    from: v.optional(v.array(text)),
  }),
);

/** The mapping of one credential in one store, by the store's shape. */
export const mappings: Readonly<Record<ShapeName, v.GenericSchema>> = {
  variables: v.pipe(
    members,
    v.strictObject({
      prefix: v.optional(v.string()),
      fields: v.optional(each(textOrTexts)),
    }),
  ),
  document: v.union([
    text,
    v.pipe(members, v.strictObject({ document: text, fields: each(textOrTexts) })),
  ], "Expected the name of a document, or its name in document and locators in fields"),
  token: v.union([
    v.literal(true),
    v.pipe(members, v.looseObject({ fields: v.optional(each(text)), with: v.optional(each(textOrReference)) })),
  ], "Expected true, or what to ask for"),
};

/** One credential. What `from` says of each store is that store's shape's. */
export const declaration = v.pipe(
  members,
  v.strictObject({
    fields: each(field),
    anyOf: v.optional(v.array(text)),
    from: members,
  }),
);

/** A chain, but for its stores and credentials one by one. */
export const outline = v.pipe(
  members,
  v.strictObject({
    stores: members,
    credentials: members,
    defaults: v.optional(
      v.union(
        [v.picklist(["allow", "forbid"]), v.strictObject({ forbidWhen: flag })],
        'Expected "allow", "forbid", or a flag in forbidWhen',
      ),
    ),
  }),
);

/** The options that every store takes. */
export const storeOptions = v.looseObject({
  enabled: v.optional(v.union([v.boolean(), flag], "Expected true, false or a flag, as flag() gives one")),
  recheck: v.optional(milliseconds),
  timeout: v.optional(milliseconds),
  onIncomplete: v.optional(policy),
  onDenied: v.optional(policy),
  onInvalid: v.optional(policy),
  onUnavailable: v.optional(policy),
  onExpired: v.optional(policy),
  advisoryWindow: v.optional(milliseconds),
  defaultLifetime: v.optional(milliseconds),
});
