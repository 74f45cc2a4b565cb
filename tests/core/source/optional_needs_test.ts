import { assertEquals, assertThrows } from "@std/assert";
import {
  ChainError,
  type Context,
  createResolver,
  defineChain,
  defineStore,
  denied,
  memory,
  type NeededCredential,
  required,
  token,
  type TokenContext,
} from "../../../mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const exchange = defineStore({
  kind: "exchange",
  shape: token,
  needs: ["subject", "client?"],
  requires: { client: ["client_id"] },
  options: [],
  open: () => async (_, { need }) => {
    const [subject, client] = [await need("subject"), await need("client")];
    return { values: { token: `${subject.get("token")} by ${client?.get("client_id") ?? "nobody"}` }, expiresIn: 60 };
  },
});

const refusing = defineStore({ kind: "refusing", shape: token, open: () => () => denied("needs a role") });

const fields = { token: required() };
const identity = { fields, from: { seed: { prefix: "" } } };
const seed = memory({ priority: 1, values: { token: "subject", client_id: "app" } });

Deno.test("an optional need that was left out is given as undefined", async () => {
  const resolver = createResolver(defineChain({
    stores: { own: exchange({ priority: 2, subject: "app:identity" }), seed },
    credentials: { "app:identity": identity, "app:token": { fields, from: { own: true } } },
  }));
  assertEquals((await resolver.resolve("app:token")).get("token"), "subject by nobody");
  assertEquals(resolver.describe().stores[0]?.needs, ["app:identity"]);
});

Deno.test("an optional need that is named is resolved, and one that fails is not taken for absent", async () => {
  for (const refused of [false, true]) {
    const resolver = createResolver(defineChain({
      stores: {
        own: exchange({ priority: 3, subject: "app:identity", client: "app:client" }),
        refusing: refusing({ priority: 2, enabled: refused }),
        seed,
      },
      credentials: {
        "app:identity": identity,
        "app:client": { fields: { client_id: required() }, from: { refusing: true, seed: { prefix: "" } } },
        "app:token": { fields, from: { own: true } },
      },
    }));
    if (refused) {
      assertEquals((await rejection(resolver.resolve("app:token"))).code, "denied");
    } else {
      assertEquals((await resolver.resolve("app:token")).get("token"), "subject by app");
    }
  }
});

Deno.test("an optional need is checked where it is given: its key, its fields, and a need that is required", () => {
  const compile = (options: object, client: object = {}) => () =>
    createResolver({
      stores: { own: exchange({ priority: 2, subject: "app:identity", ...options } as never), seed },
      credentials: { "app:identity": identity, "app:token": { fields, from: { own: true } }, ...client },
    } as never);
  assertThrows(
    compile({ client: "app:klient" }),
    ChainError,
    'stores.own.client: Cannot find a credential "app:klient"',
  );
  assertThrows(compile({ client: "app:identity" }), ChainError, "has no field client_id");
  assertThrows(compile({ subject: undefined }), ChainError, "stores.own.subject: Cannot find a credential");
  assertThrows(compile({ "client?": "app:identity" }), ChainError, 'did you mean "client"?');
});

Deno.test("a key of an optional need that the chain does not have, and a required need that is left out, do not compile", () => {
  // @ts-expect-error the need is required
  exchange({ priority: 2 });
  defineChain({
    stores: {
      // @ts-expect-error the chain has no such credential
      own: exchange({ priority: 2, subject: "app:identity", client: "app:klient" }),
      seed,
    },
    credentials: { "app:identity": identity, "app:token": { fields, from: { own: true } } },
  });
});

Deno.test("the context of a store with needs fits a helper that asks for none, or for one of them", async () => {
  const signalOf = ({ signal }: Context) => signal;
  const subjectOf = ({ need }: TokenContext<"subject">) => need("subject");
  const helped = defineStore({
    kind: "helped",
    shape: token,
    needs: ["subject", "client?"],
    open: () => async (_, context) => {
      // @ts-expect-error it may have been left out
      const leftOut: () => Promise<NeededCredential> = () => context.need("client");
      // @ts-expect-error it is none of its needs
      await context.need("klient").catch(() => {});
      const text = (await subjectOf(context)).get("token");
      return leftOut === undefined || signalOf(context).aborted
        ? undefined
        : { values: { token: text }, expiresIn: 60 };
    },
  });
  const resolver = createResolver(defineChain({
    stores: { own: helped({ priority: 2, subject: "app:identity" }), seed },
    credentials: { "app:identity": identity, "app:token": { fields, from: { own: true } } },
  }));
  assertEquals((await resolver.resolve("app:token")).get("token"), "subject");
});

Deno.test("a need that a look-up does not declare is the store's fault, and is not taken for one that was left out", async () => {
  for (const name of ["klient", "client?", "note"]) {
    const mistaken = defineStore<"token", { note: string }, "subject" | "client?">({
      kind: "mistaken",
      shape: token,
      needs: ["subject", "client?"],
      open: () => async (_, { need }) => {
        const client = await need(name as "client");
        return { values: { token: client === undefined ? "anonymous" : "somebody" }, expiresIn: 60 };
      },
    });
    const resolver = createResolver(defineChain({
      stores: { own: mistaken({ priority: 2, subject: "app:identity", note: "app:identity" }), seed },
      credentials: { "app:identity": identity, "app:token": { fields, from: { own: true } } },
    }));
    const { code, message } = await rejection(resolver.resolve("app:token"));
    assertEquals([code, message.includes("fix the store's code")], ["invalid", true]);
  }
});
