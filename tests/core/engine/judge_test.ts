/**
 * What is in a store is never passed over: each shape of store, with all that can be in it, for each kind of identity. A
 * lower store has the whole credential, and must win only if nothing is in the upper one.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  createResolver,
  CredentialError,
  document,
  optional,
  required,
  type Resolver,
  setting,
  type ShapeName,
  type Stores,
  token,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";

const LOWER = { user: "lower", word: "lower", either: "lower", pair: "lower:lower", region: "lower" };

interface Identity {
  readonly fields: object;
  readonly anyOf?: readonly string[];
  /** Where its fields are in a document, and which members of a token's answer they are. */
  readonly locators: Readonly<Record<string, string | readonly string[]>>;
}

const IDENTITIES: Readonly<Record<string, Identity>> = {
  required: { fields: { user: required(), word: required() }, locators: { user: "user", word: "word" } },
  optional: { fields: { user: optional() }, locators: { user: "user" } },
  anyOf: {
    fields: { user: optional(), either: optional() },
    anyOf: ["user", "either"],
    locators: { user: "user", either: "either" },
  },
  template: { fields: { pair: required() }, locators: { pair: "{user}:{word}" } },
  twoForms: {
    fields: { user: required(), word: required(), either: optional() },
    locators: { user: ["user", "/login/name"], word: ["word", "/login/word"], either: ["either", "/login/either"] },
  },
  shared: { fields: { user: required(), word: required() }, locators: { user: "/own/user", word: "/own/word" } },
};

/** What can stand in a store, by a name. */
const CONTENTS: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  "{}": {},
  "[]": [],
  blank: { user: " ", word: "", own: { user: " " } },
  "null members": { user: null, word: null, own: { user: null } },
  "empty objects": { user: {}, word: {}, own: {} },
  setting: { region: "upper" },
  "another form": { accessKey: "k", secretKey: "s", own: { accessKey: "k" } },
  "another envelope": { either: { name: "n", secret: "s" }, login: { token: "t" }, own: { name: { user: "u" } } },
  "an error": { error: "not ready", own: "not ready" },
  "another's section": { theirs: { user: "u", word: "w" } },
  part: { user: "upper", own: { user: "upper" } },
  "wrong type": { user: 7, word: true, own: { user: 7, word: true } },
  "broken text": { user: "up\uFFFDper", word: "a\0b", own: { user: "up\uFFFDper", word: "w" } },
  list: ["user"],
  scalar: "user",
  whole: { user: "upper", word: "upper", own: { user: "upper", word: "upper" } },
  "second form": { login: { name: "upper", word: "upper" } },
};

function storeOf(shape: ShapeName, content: unknown) {
  const options = { priority: 2 };
  if (shape === "document") return scriptedStore({ shape: document, answer: () => content as never }).store(options);
  if (shape === "variables") {
    return scriptedStore({ shape: variables, answers: { ...content as Record<string, string> } }).store(options);
  }
  const answer = content === undefined ? undefined : { values: content as Record<string, unknown>, expiresIn: 600 };
  return scriptedStore({ shape: token, answer: () => answer }).store(options);
}

function fromOf(shape: ShapeName, { locators }: Identity): unknown {
  if (shape === "variables") return { prefix: "" };
  return shape === "document"
    ? { document: "d.json", fields: { ...locators, region: "region" } }
    : { fields: locators };
}

function resolverOf(shape: ShapeName, name: string, content: unknown) {
  const identity = IDENTITIES[name]!;
  const { fields, anyOf } = identity;
  const stores: Stores = {
    upper: storeOf(shape, content),
    lower: scriptedStore({ shape: variables, answers: { ...LOWER } }).store({ priority: 1 }),
  };
  const other = {
    fields: { user: required(), word: required() },
    from: {
      upper: { document: "d.json", fields: { user: "/theirs/user", word: "/theirs/word" } },
    },
  };
  const credentials = {
    "a:b": {
      fields: { ...fields, ...(shape === "token" ? {} : { region: setting() }) },
      ...(anyOf && { anyOf }),
      from: { upper: fromOf(shape, identity), lower: { prefix: "" } },
    },
    ...(name === "shared" && { "their:own": other }),
  };
  return createResolver({ stores, credentials } as never, testHost()) as Resolver;
}

/** Resolves, and says in a line what came of it. */
async function lineOf(shape: ShapeName, name: string, what: string): Promise<string> {
  const resolver = resolverOf(shape, name, CONTENTS[what]);
  const [result] = await Promise.allSettled([resolver.resolve("a:b")]);
  const error = result.status === "rejected" ? result.reason : undefined;
  assert(error === undefined || error instanceof CredentialError);
  const { trace, source = error.code, degraded = false } = result.status === "fulfilled" ? result.value : error;
  const { outcome, role, detail } = trace.find(({ store }: { store: string }) => store === "upper")!;
  return [`${source}${degraded ? ", degraded" : ""}`, `${outcome}, ${role}`, ...(detail ? [detail] : [])].join(" | ");
}

/** The contents of a document that hold nothing, or nothing of the identity. */
const NOTHING = ["nothing", "null", "{}", "[]", "setting"];
/** The contents in which a variable of the identity is absent. */
const NO_VARIABLE = ["nothing", "blank", "null members", "setting", "another form"];
/** The contents that are there in a form that no locator knows. */
const OTHER_FORMS = [
  "blank",
  "null members",
  "another form",
  "another envelope",
  "an error",
  "another's section",
  "second form",
];
const NOT_AN_OBJECT = {
  "invalid | invalid, stopped | d.json is an array: expected a JSON object": ["list"],
  "invalid | invalid, stopped | d.json is a scalar: expected a JSON object": ["scalar"],
};
const NO_VALUES = {
  "invalid | invalid, stopped | its look-up returned no values: fix the store's code": ["scalar"],
};

/** What each content comes to: the source or the error, the outcome and the role of the upper store, and its detail. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "variables, required": {
    "lower | miss, passed": NO_VARIABLE,
    "invalid | invalid, stopped | user is not text": ["empty objects", "wrong type"],
    "lower, degraded | incomplete, passed | only part of the identity is present": ["part"],
    "invalid | invalid, stopped | user is not valid UTF-8 text": ["broken text"],
    "upper | hit, winner": ["whole"],
  },
  "variables, optional": {
    "lower | miss, passed": NO_VARIABLE,
    "invalid | invalid, stopped | user is not text": ["empty objects", "wrong type"],
    "upper | hit, winner": ["part", "whole"],
    "invalid | invalid, stopped | user is not valid UTF-8 text": ["broken text"],
  },
  "variables, anyOf": {
    "lower | miss, passed": NO_VARIABLE,
    "invalid | invalid, stopped | user is not text": ["empty objects", "wrong type"],
    "upper | hit, winner": ["part", "whole"],
    "invalid | invalid, stopped | user is not valid UTF-8 text": ["broken text"],
  },
  "document, required": {
    "lower | miss, passed": NOTHING,
    "incomplete | incomplete, stopped | d.json is there, but has none of user, word": OTHER_FORMS,
    "invalid | invalid, stopped | d.json#user is not text": ["empty objects", "wrong type"],
    "incomplete | incomplete, stopped | only part of the identity is present": ["part"],
    "invalid | invalid, stopped | d.json#user is not valid UTF-8 text": ["broken text"],
    ...NOT_AN_OBJECT,
    "upper | hit, winner": ["whole"],
  },
  "document, optional": {
    "lower | miss, passed": NOTHING,
    "incomplete | incomplete, stopped | d.json is there, but has none of user": OTHER_FORMS,
    "invalid | invalid, stopped | d.json#user is not text": ["empty objects", "wrong type"],
    "upper | hit, winner": ["part", "whole"],
    "invalid | invalid, stopped | d.json#user is not valid UTF-8 text": ["broken text"],
    ...NOT_AN_OBJECT,
  },
  "document, anyOf": {
    "lower | miss, passed": NOTHING,
    "incomplete | incomplete, stopped | d.json is there, but has none of user, either": [
      "blank",
      "null members",
      "another form",
      "an error",
      "another's section",
      "second form",
    ],
    "invalid | invalid, stopped | d.json#user is not text": ["empty objects", "wrong type"],
    "invalid | invalid, stopped | d.json#either is not text": ["another envelope"],
    "upper | hit, winner": ["part", "whole"],
    "invalid | invalid, stopped | d.json#user is not valid UTF-8 text": ["broken text"],
    ...NOT_AN_OBJECT,
  },
  "document, template": {
    "lower | miss, passed": NOTHING,
    "incomplete | incomplete, stopped | d.json is there, but has none of {user}:{word}": OTHER_FORMS,
    "invalid | invalid, stopped | d.json#user is not text": ["empty objects", "wrong type"],
    "incomplete | incomplete, stopped | only part of the identity is present": ["part"],
    "invalid | invalid, stopped | d.json#{user}:{word} is not valid UTF-8 text": ["broken text"],
    ...NOT_AN_OBJECT,
    "upper | hit, winner": ["whole"],
  },
  "document, twoForms": {
    "lower | miss, passed": NOTHING,
    "incomplete | incomplete, stopped | d.json is there, but has none of user, /login/name, word, /login/word, either, /login/either":
      ["blank", "null members", "another form", "another envelope", "an error", "another's section"],
    "invalid | invalid, stopped | d.json#user is not text": ["empty objects", "wrong type"],
    "incomplete | incomplete, stopped | only part of the identity is present": ["part"],
    "invalid | invalid, stopped | d.json#user is not valid UTF-8 text": ["broken text"],
    ...NOT_AN_OBJECT,
    "upper | hit, winner": ["whole", "second form"],
  },
  "document, shared": {
    "lower | miss, passed": [
      "nothing",
      "null",
      "{}",
      "[]",
      "empty objects",
      "setting",
      "another's section",
      "second form",
    ],
    "incomplete | incomplete, stopped | d.json is there, but has none of /own/user, /own/word": [
      "blank",
      "null members",
      "another form",
      "another envelope",
      "an error",
    ],
    "incomplete | incomplete, stopped | only part of the identity is present": ["part"],
    "invalid | invalid, stopped | d.json#/own/user is not text": ["wrong type"],
    "invalid | invalid, stopped | d.json#/own/user is not valid UTF-8 text": ["broken text"],
    ...NOT_AN_OBJECT,
    "upper | hit, winner": ["whole"],
  },
  "token, required": {
    "lower | miss, passed": ["nothing"],
    "invalid | invalid, stopped | the answer has none of user, word: correct the mapping, or what is asked for": [
      "{}",
      "blank",
      "null members",
      "setting",
      "another form",
      "another envelope",
      "an error",
      "second form",
    ],
    "invalid | invalid, stopped | user is not text": ["empty objects", "wrong type"],
    "incomplete | incomplete, stopped | only part of the identity is present": ["part"],
    "invalid | invalid, stopped | user is not valid UTF-8 text": ["broken text"],
    ...NO_VALUES,
    "upper | hit, winner": ["whole"],
  },
  "token, optional": {
    "lower | miss, passed": ["nothing"],
    "invalid | invalid, stopped | the answer has none of user: correct the mapping, or what is asked for": [
      "{}",
      "blank",
      "null members",
      "setting",
      "another form",
      "another envelope",
      "an error",
      "second form",
    ],
    "invalid | invalid, stopped | user is not text": ["empty objects", "wrong type"],
    "upper | hit, winner": ["part", "whole"],
    "invalid | invalid, stopped | user is not valid UTF-8 text": ["broken text"],
    ...NO_VALUES,
  },
  "token, anyOf": {
    "lower | miss, passed": ["nothing"],
    "invalid | invalid, stopped | the answer has none of user, either: correct the mapping, or what is asked for": [
      "{}",
      "blank",
      "null members",
      "setting",
      "another form",
      "an error",
      "second form",
    ],
    "invalid | invalid, stopped | user is not text": ["empty objects", "wrong type"],
    "invalid | invalid, stopped | either is not text": ["another envelope"],
    "upper | hit, winner": ["part", "whole"],
    "invalid | invalid, stopped | user is not valid UTF-8 text": ["broken text"],
    ...NO_VALUES,
  },
};

for (const [title, lines] of Object.entries(EXPECTED)) {
  Deno.test(`what stands in a store is never passed over: ${title}`, async () => {
    const [shape, name] = title.split(", ") as [ShapeName, string];
    for (const [line, contents] of Object.entries(lines)) {
      for (const what of contents) assertEquals(await lineOf(shape, name, what), line, `${title}: ${what}`);
    }
  });
}

Deno.test("a lower store wins undegraded only where nothing stands above it", () => {
  const sections = [...NOTHING, "empty objects", "another's section", "second form"];
  for (const [title, lines] of Object.entries(EXPECTED)) {
    if (title.startsWith("variables")) continue;
    const passedOver = Object.entries(lines).filter(([line]) => line.startsWith("lower |")).flatMap(([, all]) => all);
    const known = title === "document, shared" ? sections : NOTHING;
    assertEquals(passedOver.filter((what) => !known.includes(what)), [], title);
  }
});

Deno.test("no content of a document is left out of the table, so that none is passed over unseen", () => {
  for (const [title, lines] of Object.entries(EXPECTED)) {
    if (title.startsWith("document")) {
      assertEquals(Object.values(lines).flat().sort(), Object.keys(CONTENTS).sort(), title);
    }
  }
});
