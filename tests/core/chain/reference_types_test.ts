import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  env,
  flag,
  fromEnv,
  optional,
  required,
  token,
  variables,
  whenSet,
} from "../../../mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { testHost } from "../../../src/testing/mod.ts";

// Hint: as in types_test.ts, the compiler checks most of this: a line that is no longer a mistake fails the type check.

interface TunnelRequest {
  readonly scope?: string;
  readonly priority?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

const tunnel = defineStore({
  kind: "tunnel",
  shape: token,
  open: (_: {
    readonly mode?: "direct" | "relay";
    readonly home?: string | URL;
    readonly headers?: Readonly<Record<string, string>>;
    readonly servers?: readonly { readonly url: string; readonly port: number }[];
    readonly pair?: readonly [string, string];
    readonly pool?: { readonly name: string; connect(): void };
  }) =>
  (request: TunnelRequest) => ({ values: { ...request } }),
});

/** Every place in which a text may be a reference. */
const REFERRING = tunnel({
  priority: 400,
  enabled: [flag("TUNNEL"), whenSet("TUNNEL_URL"), true],
  mode: fromEnv("MODE", "direct"),
  home: fromEnv("HOME"),
  headers: { Realm: fromEnv("REALM", "") },
  servers: [{ url: fromEnv("SERVER"), port: 1 }],
  pair: [fromEnv("ONE"), "two"],
});

Deno.test("a reference may stand for every text of a store's options and of what it is asked for, and for few words too", async () => {
  const chain = defineChain({
    stores: { tunnel: REFERRING },
    credentials: {
      "a:b": {
        fields: { scope: required(), port: optional(), team: optional() },
        from: {
          tunnel: {
            scope: fromEnv("SCOPE", "read"),
            labels: { team: fromEnv("TEAM", "") },
            fields: { scope: "scope" },
            with: { port: fromEnv("PORT", "5432") },
          },
        },
      },
    },
  });
  const env = { TUNNEL: "on", TUNNEL_URL: "u", HOME: "/", SERVER: "s", ONE: "1" };
  const credential = await createResolver(chain, testHost({ env })).resolve("a:b");
  assertEquals([credential.get("scope"), credential.get("port")], ["read", "5432"]);
});

/** Mistakes, each of which must be a compile error. */
export function mistakes(): void {
  const fields = { user: required() };
  const place = { priority: 1 };
  // @ts-expect-error A word that an option of a few words does not have.
  tunnel({ ...place, mode: "tunnel" });
  // @ts-expect-error A word that an option of oauth2() does not have.
  oauth2({ ...place, issuer: "i", client: "own:client", authentication: "client_secret" });
  // @ts-expect-error A flag instead of one of a few words.
  tunnel({ ...place, mode: flag("MODE") });
  // @ts-expect-error A flag instead of a text in an object.
  tunnel({ ...place, headers: { Realm: flag("REALM") } });
  // @ts-expect-error A reference instead of an object.
  tunnel({ ...place, headers: fromEnv("HEADERS") });
  // @ts-expect-error A reference instead of a number in a list of objects.
  tunnel({ ...place, servers: [{ url: "u", port: fromEnv("PORT") }] });
  // @ts-expect-error A list that is too short.
  tunnel({ ...place, pair: [fromEnv("ONE")] });
  // @ts-expect-error A reference within what has methods, where none would be read.
  tunnel({ ...place, pool: { name: fromEnv("POOL"), connect: () => {} } });
  // @ts-expect-error A reference in a list of what switches a store on.
  env({ ...place, enabled: [flag("A"), fromEnv("B")] });
  // @ts-expect-error A text in a list of what switches a store on.
  env({ ...place, enabled: [whenSet("A"), "true"] });
  // @ts-expect-error A list in a list of what switches a store on.
  env({ ...place, enabled: [[whenSet("A")]] });
  // @ts-expect-error A fallback for whenSet(), which has none.
  whenSet("A", "true");
  const tunnelled = (from: { readonly priority: ReturnType<typeof fromEnv> }) =>
    // @ts-expect-error A reference instead of a number in a request.
    defineChain({ stores: { t: REFERRING }, credentials: { "a:b": { fields, from: { t: { ...from } } } } });
  tunnelled({ priority: fromEnv("P") });
  const labels = { labels: { team: flag("TEAM") } };
  // @ts-expect-error A flag instead of a text in a request.
  defineChain({ stores: { t: REFERRING }, credentials: { "a:b": { fields, from: { t: labels } } } });
  // @ts-expect-error An option in anyOf that the store does not have.
  defineStore({ kind: "k", shape: variables, anyOf: ["ulr"], open: (_: { url?: string }) => (name) => name });
  // @ts-expect-error Another word for a token that does not expire.
  defineStore({ kind: "k", shape: token, open: () => () => ({ values: {}, expires: "nevr" }) });
}
