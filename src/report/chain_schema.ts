import * as v from "valibot";
import { isFlag, isReference } from "../core/chain/reference.ts";
import type { ShapeName } from "../core/chain/shape.ts";

type Members = Readonly<Record<string, unknown>>;

/** Whether a value is an object and not a list. */
export function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// Hint: at module scope, esbuild keeps each call of another module's function in every bundle.
// @__NO_SIDE_EFFECTS__
function made<T>(make: () => T): T {
  return make();
}

// Hint: valibot accepts a list as an object.
const members = made(() => v.custom<Members>(isRecord, "Expected an object"));
const each = <S extends v.GenericSchema>(schema: S) => v.pipe(members, v.record(v.string(), schema));

const text = made(() => v.pipe(v.string(), v.nonEmpty("Expected a non-empty string")));
const textOrTexts = made(() => v.union([text, v.array(text)], "Expected a name or a list of names"));
// Hint: an empty locator, which stands for a whole text, is checked when the chain is compiled.
const locators = made(() => v.union([v.string(), v.array(v.string())], "Expected a locator or a list of locators"));
// Hint: not a literal, since for a value of the wrong type a union reports only what it expects as a whole.
const isTrue = made(() => v.pipe(v.unknown(), v.check((value) => value === true, "Expected true")));
const reference = made(() => v.custom<object>(isReference, "Expected a reference, such as fromEnv() returns"));
const textOrReference = made(() =>
  v.union([v.string(), reference], "Expected a string or a reference, such as fromEnv() returns")
);
const time = made(() =>
  v.custom<number>(
    (value) => typeof value === "number" && value >= 0,
    "Expected a number of milliseconds, 0 or more",
  )
);
const policy = made(() => v.picklist(["next", "stop"], 'Expected "next" or "stop"'));

const flag = made(() => v.custom<object>(isFlag, "Expected a flag, such as flag() returns"));

const standardSchema = made(() =>
  v.custom<object>(
    (value) => typeof Object(Object(value)["~standard"]).validate === "function",
    "Expected a Standard Schema, such as those of valibot",
  )
);

// Hint: objects are loose here, since compiling finds unknown names.
/** One field, as `required()` and its siblings return it. */
const field = made(() =>
  v.pipe(
    v.custom<Members>(isRecord, "Expected a field, such as required(), optional(), setting() or destination() returns"),
    v.looseObject({
      schema: v.optional(standardSchema),
      default: v.optional(v.unknown()),
      from: v.optional(v.array(text)),
    }),
  )
);

/** The mapping of one credential in one store, by the store's shape. */
export const mappings: Readonly<Record<ShapeName, v.GenericSchema>> = made(() => ({
  variables: v.pipe(
    members,
    v.looseObject({
      prefix: v.optional(v.string()),
      fields: v.optional(each(textOrTexts)),
    }),
  ),
  document: v.union([
    text,
    v.pipe(
      members,
      v.looseObject({
        document: v.optional(text),
        text: v.optional(isTrue),
        fields: v.optional(each(locators)),
      }),
    ),
  ], "Expected the name of a document, or its name in document and locators in fields"),
  token: v.union([
    v.literal(true),
    v.pipe(members, v.looseObject({ fields: v.optional(each(text)), with: v.optional(each(textOrReference)) })),
  ], "Expected true, or an object with the parameters of the request"),
}));

/** One credential. Each mapping in `from` is checked by the shape of its store. */
export const declaration = made(() =>
  v.pipe(
    members,
    v.looseObject({
      fields: v.optional(each(field)),
      anyOf: v.optional(v.array(text)),
      from: v.optional(members),
    }),
  )
);

/** The outline of a chain; its stores and credentials are checked one by one. */
export const outline = made(() =>
  v.pipe(
    members,
    v.looseObject({
      stores: members,
      credentials: members,
      defaults: v.optional(
        v.union(
          [v.picklist(["allow", "forbid"]), v.strictObject({ forbidWhen: flag })],
          'Expected "allow", "forbid", or a flag in forbidWhen',
        ),
      ),
    }),
  )
);

/** The options of every store that compiling does not check. */
export const storeOptions = made(() =>
  v.looseObject({
    recheck: v.optional(time),
    timeout: v.optional(time),
    advisoryWindow: v.optional(time),
    defaultLifetime: v.optional(time),
    onIncomplete: v.optional(policy),
    onDenied: v.optional(policy),
    onInvalid: v.optional(policy),
    onUnavailable: v.optional(policy),
    onExpired: v.optional(v.picklist(["serve", "next", "stop"])),
  })
);
