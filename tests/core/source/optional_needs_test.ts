import { assertEquals, assertThrows } from "@std/assert";
import { ChainError, createResolver, defineChain, defineStore, denied, memory, required, token } from "../../../mod.ts";
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
