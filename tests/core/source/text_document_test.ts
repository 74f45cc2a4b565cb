import { assertEquals, assertThrows } from "@std/assert";
import {
  ChainError,
  createResolver,
  defineChain,
  defineStore,
  document,
  type DocumentContext,
  invalid,
  optional,
  required,
  setting,
  unavailable,
} from "../../../mod.ts";
import { explain, lint, validateChain } from "../../../src/report/mod.ts";
import { scriptedStore, testClock, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const FIELDS = { token: required() };
const TEXT = { document: "op://dev/x", text: true, fields: { token: "" } } as const;

/** A store of plain texts, whose look-up gives what it is told to give. */
function textStore(give: (name: string, context: DocumentContext) => unknown) {
  return defineStore({ kind: "texts", shape: document, text: true, recheck: 1_000, open: () => give });
}

function resolverOf(give: (name: string, context: DocumentContext) => unknown) {
  const chain = defineChain({
    stores: { own: textStore(give)({ priority: 1 }) },
    credentials: { "github:api": { fields: FIELDS, from: { own: TEXT } } },
  });
  return createResolver(chain, testHost());
}

Deno.test("a whole text is the value, and is not parsed, whatever it looks like", async () => {
  for (const text of ["a token", "0123", "true", "null", '{"token":"no"}', '"quoted"', " padded\t", "two\nlines\n"]) {
    for (const given of [text, Promise.resolve(text)]) {
      const credential = await resolverOf(() => given).resolve("github:api");
      assertEquals([credential.get("token"), credential.degraded], [text, false]);
    }
  }
});

Deno.test("a text that is absent, empty or blank is a miss", async () => {
  for (const nothing of [undefined, "", " \n\t"]) {
    assertEquals(await resolverOf(() => nothing).find("github:api"), undefined);
  }
});

Deno.test("an answer that is no text is invalid where a text is expected, and its value is not shown", async () => {
  for (const wrong of [{ token: "obviously-fake" }, ["obviously-fake"], 7, true, new Map()]) {
    const { code, trace } = await rejection(resolverOf(() => wrong).resolve("github:api"));
    assertEquals([code, trace[0]?.detail], ["invalid", "op://dev/x is not text"]);
  }
});

Deno.test("a text that is not valid UTF-8 is invalid, and called by the document's name alone", async () => {
  const { trace } = await rejection(resolverOf(() => "a\uFFFDb").resolve("github:api"));
  assertEquals(trace[0]?.detail, "op://dev/x is not valid UTF-8 text");
});

Deno.test("a refusal of a text is that of its look-up", async () => {
  assertEquals((await rejection(resolverOf(() => invalid("locked")).resolve("github:api"))).code, "invalid");
  assertEquals((await rejection(resolverOf(() => unavailable("away")).resolve("github:api"))).code, "unavailable");
});

Deno.test("one text may be several fields, and a schema may parse it", async () => {
  const port = { "~standard": { version: 1, vendor: "own", validate: (value: unknown) => ({ value: Number(value) }) } };
  const chain = defineChain({
    stores: { own: textStore(() => "5432")({ priority: 1 }) },
    credentials: {
      "db:port": {
        fields: { port: required(port as never), text: optional(), other: setting() },
        from: { own: { document: "port", text: true, fields: { port: "", text: "" } } },
      },
    },
  });
  const credential = await createResolver(chain, testHost()).resolve("db:port");
  assertEquals([credential.get("port"), credential.get("text"), credential.get("other")], [5432, "5432", undefined]);
});

Deno.test("two credentials read one document as text and parsed, and neither sees the other's", async () => {
  let contents: string | undefined = '{"id":"i","secret":"s"}';
  const asked: (readonly [string, boolean])[] = [];
  const store = textStore((name, { text }) => {
    asked.push([name, text]);
    return text || contents === undefined ? contents : JSON.parse(contents);
  });
  const chain = defineChain({
    stores: { own: store({ priority: 1 }) },
    credentials: {
      "app:whole": { fields: { json: required() }, from: { own: { document: "d", text: true, fields: { json: "" } } } },
      "app:parts": { fields: { id: required(), secret: required() }, from: { own: "d" } },
    },
  });
  const clock = testClock();
  const resolver = createResolver(chain, testHost({ clock }));
  const read = async () => {
    const [whole, parts] = [await resolver.find("app:whole"), await resolver.find("app:parts")];
    return [whole?.get("json"), parts?.get("secret")];
  };
  assertEquals(await read(), [contents, "s"]);
  assertEquals(await read(), [contents, "s"]);
  assertEquals(asked, [["d", true], ["d", false]], "held until the store is to be asked again");
  contents = '{"id":"i","secret":"t"}';
  await clock.advance(1_001);
  assertEquals(await read(), [contents, "t"]);
  contents = "no JSON";
  await clock.advance(1_001);
  assertEquals((await resolver.resolve("app:whole")).get("json"), contents);
  assertEquals((await rejection(resolver.resolve("app:parts"))).code, "invalid");
});

Deno.test("a text is called by its document's name, without a locator", async () => {
  const resolver = resolverOf(() => undefined);
  const { message } = await rejection(resolver.resolve("github:api"));
  assertEquals(message.includes("op://dev/x#"), false, message);
  const [described] = resolver.describe().credentials;
  assertEquals(described?.from, [{ store: "own", reads: ["op://dev/x"] }]);
  assertEquals(JSON.stringify(await explain(resolver, "github:api")).includes("op://dev/x#"), false);
  assertEquals(lint(resolver), []);
});

function chainOf(from: unknown, store: unknown) {
  return { stores: { own: store }, credentials: { "github:api": { fields: FIELDS, from: { own: from } } } };
}

/** Returns the problems that a chain with this mapping has, by compiling and by validating. */
function problemsOf(from: unknown, store: unknown = textStore(() => undefined)({ priority: 1 })) {
  const chain = chainOf(from, store);
  const compiled = assertThrows(() => createResolver(chain as never, testHost()), ChainError);
  const validated = assertThrows(() => validateChain(chain), ChainError);
  return [compiled, validated].map(({ message }) => message.replaceAll(/^.*from\.own/gm, ""));
}

function assertProblem(from: unknown, problem: string, store?: unknown) {
  assertEquals(problemsOf(from, store), [problem, problem]);
}

Deno.test("a locator other than the whole text is a mistake in a text, and so is that one in a parsed document", () => {
  for (const token of ["token", "/token", "{id}:{secret}", ["", "token"]]) {
    assertProblem({ ...TEXT, fields: { token } }, '.fields.token: Expected "", the whole text');
  }
  assertProblem(
    { document: "d", fields: { token: "" } },
    '.fields.token: Expected a member, a JSON Pointer or a template: "" is a whole text, with text: true',
  );
});

Deno.test("a text of a store without texts is a mistake", () => {
  const parsed = scriptedStore({ shape: document }).store({ priority: 1 });
  const problem = 'A store of the kind "scripted" gives no plain text: map the members of its document';
  assertProblem(TEXT, `.text: ${problem}`, parsed);
});

Deno.test("validateChain() reports a text that is anything but true", () => {
  for (const text of [false, "true", 1, null]) {
    const chain = chainOf({ ...TEXT, text }, textStore(() => undefined)({ priority: 1 }));
    const { message } = assertThrows(() => validateChain(chain), ChainError);
    assertEquals(message.split("\n")[0], 'credentials["github:api"].from.own.text: Expected true');
  }
});

Deno.test("a text maps at least one field, and a required one", () => {
  assertProblem({ ...TEXT, fields: {} }, ".fields: Maps no field: expected a locator for at least one");
});
