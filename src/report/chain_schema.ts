import * as v from "valibot";
import { isReference } from "../reference.ts";
import type { ShapeName } from "../shapes/shape.ts";

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
const field = v.strictObject({
  presence: v.picklist(
    ["required", "optional", "setting", "destination"],
    "Expected a field, as required(), optional(), setting() or destination() gives one",
  ),
  schema: v.optional(standardSchema),
  default: v.optional(v.unknown()),
  from: v.optional(v.array(text)),
});

/** The mapping of one credential in one store, by the store's shape. */
export const mappings: Readonly<Record<ShapeName, v.GenericSchema>> = {
  variables: v.strictObject({
    prefix: v.optional(v.string()),
    fields: v.optional(v.record(v.string(), textOrTexts)),
  }),
  document: v.union([
    text,
    v.strictObject({ document: text, fields: v.record(v.string(), textOrTexts) }),
  ], "Expected the name of a document, or its name in document and locators in fields"),
  token: v.union([
    v.literal(true),
    v.looseObject({
      fields: v.optional(v.record(v.string(), text)),
      with: v.optional(v.record(v.string(), textOrReference)),
    }),
  ], "Expected true, or what to ask for"),
};

/** One credential. What `from` says of each store is that store's shape's. */
export const declaration = v.strictObject({
  fields: v.record(v.string(), field),
  anyOf: v.optional(v.array(text)),
  from: v.record(v.string(), v.unknown()),
});

/** A chain, but for its stores and credentials one by one. */
export const outline = v.strictObject({
  stores: v.record(v.string(), v.unknown()),
  credentials: v.record(v.string(), v.unknown()),
  defaults: v.optional(
    v.union(
      [v.picklist(["allow", "forbid"]), v.strictObject({ forbidWhen: flag })],
      'Expected "allow", "forbid", or a flag in forbidWhen',
    ),
  ),
});

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
