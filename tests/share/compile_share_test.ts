import { assertEquals } from "@std/assert";
import {
  ChainError,
  createResolver,
  defineStore,
  env,
  fromEnv,
  memory,
  required,
  type ShapeName,
  type Store,
  token,
  variables,
} from "../../mod.ts";
import { COMMON_ISSUED_OPTIONS } from "../../src/core/chain/option_types.ts";
import type { StoreOptions, TokenStoreOptions } from "../../src/core/chain/store.ts";
import { ownOptions } from "../../src/share/entry/identity.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import type { Share, ShareOptions } from "../../src/share/mod.ts";
import { testClock, testHost } from "../../src/testing/mod.ts";
import { MemoryRegister } from "../support/share/memory_register.ts";

type Untyped = (options: object) => Store<ShapeName, never>;

const engine = new MemoryRegister(testClock()).engine() as unknown as (options: ShareOptions) => Share<never>;
const share = (options: Partial<ShareOptions> = {}) => engine({ seal: "fleet:seal", ...options });

const ISSUER = { priority: 9, issuer: "https://own.example", client: "m2m:client" };
const LOCAL = memory({ priority: 1, values: {} });
const CLIENT = { fields: { client_id: required(), client_secret: required() }, from: { local: { prefix: "" } } };
const SEAL = { fields: { key: required() }, from: { local: { prefix: "" } } };
const TOKEN = { fields: { token: required() }, from: { m2m: true } };

const own = (spec: object): Untyped =>
  defineStore({ kind: "own", shape: token, open: () => () => undefined, ...spec }) as Untyped;
const given = own({ kind: "given", ambient: true, shape: variables });
const login = own({ kind: "login", needs: ["client"] });
const metadata = own({ kind: "metadata" });

/** Returns the mistakes in a chain with these stores and credentials besides those that are sound. */
function problemsOf(stores: object, credentials: object = {}): readonly string[] {
  const chain = {
    stores: { m2m: oauth2({ ...ISSUER, share: share() }), local: LOCAL, ...stores },
    credentials: { "m2m:client": CLIENT, "fleet:seal": SEAL, "a:token": TOKEN, ...credentials },
  };
  try {
    createResolver(chain as never, testHost());
    return [];
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

const m2m = (options: object) => ({ m2m: (oauth2 as Untyped)({ ...ISSUER, share: share(), ...options }) });

Deno.test("a chain in which a store shares its tokens compiles", () => {
  assertEquals(problemsOf({}), []);
});

Deno.test("an option that is no engine, such as the options of one, is a mistake", () => {
  for (const wrong of [true, null, "redis", { seal: "fleet:seal" }, () => share()]) {
    assertEquals(problemsOf(m2m({ share: wrong })), ["stores.m2m.share: Expected an engine, such as redis() returns"]);
  }
});

Deno.test("a store whose tokens cannot be shared says so, whether it lists its options or not", () => {
  const shared = { share: share() };
  assertEquals(problemsOf({ env: (env as Untyped)({ priority: 2, ...shared }) }), [
    'stores.env.share: Unknown option "share": expected files, recheck, timeout, priority, enabled, onIncomplete, ' +
    "onDenied, onInvalid, onUnavailable",
  ]);
  assertEquals(problemsOf({ own: own({})({ priority: 2, ...shared }) }), [
    'stores.own.share: Stores of the kind "own" cannot share: remove it',
  ]);
  assertEquals(problemsOf({ own: own({ shape: variables, share: "1" })({ priority: 2, ...shared }) }), [
    'stores.own.share: Stores of the kind "own" cannot share: remove it',
  ]);
});

Deno.test("a seal or an engine's credential that the chain does not have is named, with the nearest that it has", () => {
  assertEquals(
    problemsOf(m2m({ share: share({ seal: "fleet:saal", credential: "own:redis" }) })),
    [
      'stores.m2m.share.seal: Cannot find a credential "fleet:saal": did you mean "fleet:seal"? The credentials are ' +
      "m2m:client, fleet:seal, a:token",
      "stores.m2m.share.credential: Cannot find a credential: the credentials are m2m:client, fleet:seal, a:token",
    ],
  );
});

Deno.test("a seal without a key is a mistake", () => {
  assertEquals(problemsOf(m2m({ share: share({ seal: "m2m:client" }) })), [
    'stores.m2m.share.seal: The credential "m2m:client" has no field key, which sharing needs',
  ]);
});

Deno.test("a seal, or an engine's credential, that is obtained with the shared token is a cycle", () => {
  for (const needed of [{ seal: "a:token" }, { seal: "fleet:seal", credential: "a:token" }]) {
    assertEquals(
      problemsOf(m2m({ share: share(needed) }), { "a:token": { ...TOKEN, fields: { key: required() } } }),
      ['credentials["a:token"]: Needs itself: a:token → a:token'],
    );
  }
});

Deno.test("an option that is no plain data is a mistake where a token is named by it, also behind its login", () => {
  class Realm {}
  const data = 'Expected data that JSON can represent: "m2m" shares tokens by it';
  assertEquals(problemsOf(m2m({ headers: { "x-realm": "r" }, audience: fromEnv("AUDIENCE") })), []);
  const minting = own({ kind: "own", share: "1", needs: ["client"] });
  const stores = {
    m2m: minting({ priority: 9, client: "m2m:client", share: share(), sign: () => 1, realm: new Realm() }),
  };
  assertEquals(problemsOf(stores), [`stores.m2m.sign: ${data}`, `stores.m2m.realm: ${data}`]);
  assertEquals(
    problemsOf(
      { login: login({ priority: 8, client: "own:client", realm: new Realm() }) },
      { "m2m:client": { ...CLIENT, from: { login: true } }, "own:client": CLIENT },
    ),
    [`stores.login.realm: ${data}`],
  );
});

const BEHIND: Readonly<Record<string, readonly [stores: object, credentials: object, key: string, store: string]>> = {
  "a login that the machine is given": [
    { given: given({ priority: 8 }) },
    { "m2m:client": { ...CLIENT, from: { given: { prefix: "" } } } },
    "m2m:client",
    "given",
  ],
  "a login that only a lower store is given": [
    { given: given({ priority: 8 }) },
    { "m2m:client": { ...CLIENT, from: { local: { prefix: "" }, given: { prefix: "" } } } },
    "m2m:client",
    "given",
  ],
  "a login behind the login": [
    { login: login({ priority: 8, client: "own:client" }), given: given({ priority: 7 }) },
    {
      "m2m:client": { ...CLIENT, from: { login: true } },
      "own:client": { ...CLIENT, from: { given: { prefix: "" } } },
    },
    "own:client",
    "given",
  ],
  "a login that is obtained with nothing": [
    { metadata: metadata({ priority: 8 }) },
    { "m2m:client": { ...CLIENT, from: { metadata: true } } },
    "m2m:client",
    "metadata",
  ],
};

for (const [name, [stores, credentials, key, store]] of Object.entries(BEHIND)) {
  Deno.test(`tokens are shared by ${name} only where a principal says who that is`, () => {
    assertEquals(problemsOf(stores, credentials), [
      `stores.m2m.share.principal: Expected a string or a reference that says who "${key}" from "${store}" is: each machine ` +
      "may have a different identity",
    ]);
    for (const principal of ["fleet", fromEnv("FLEET"), fromEnv("FLEET", "fleet")]) {
      assertEquals(
        problemsOf({ ...stores, ...m2m({ share: share({ principal }) }) }, credentials),
        [],
      );
    }
    const blank = m2m({ share: share({ principal: fromEnv("FLEET", "") }) });
    assertEquals(problemsOf({ ...stores, ...blank }, credentials).length, 1, "a blank fallback leaves it out");
  });
}

Deno.test("a store that itself is given who logs in shares only by a principal", () => {
  const runner = own({ kind: "runner", share: "1", ambient: true });
  assertEquals(problemsOf({ m2m: runner({ priority: 9, share: share() }) }), [
    'stores.m2m.share.principal: Expected a string or a reference that says who "m2m" is: each machine may have a different identity',
  ]);
  assertEquals(problemsOf({ m2m: runner({ priority: 9, share: share({ principal: "ci" }) }) }), []);
});

Deno.test("what a seal comes from is nothing to who logs in", () => {
  assertEquals(
    problemsOf({ given: given({ priority: 8 }) }, { "fleet:seal": { ...SEAL, from: { given: { prefix: "" } } } }),
    [],
  );
});

Deno.test("a principal that is blank or no text is a mistake", () => {
  for (const principal of ["", " ", 7, { name: "fleet" }]) {
    assertEquals(problemsOf(m2m({ share: share({ principal: principal as string }) })), [
      "stores.m2m.share.principal: Expected a string that is not blank, or a reference, such as fromEnv() returns",
    ]);
  }
});

Deno.test("an option that every token store has does not rename a fleet's entries, and no such option is forgotten", () => {
  const common: Readonly<Record<keyof (StoreOptions & TokenStoreOptions), unknown>> = {
    priority: 1,
    enabled: true,
    recheck: 1,
    timeout: 1,
    onIncomplete: "next",
    onDenied: "next",
    onInvalid: "next",
    onUnavailable: "next",
    advisoryWindow: 1,
    defaultLifetime: 1,
    onExpired: "next",
  };
  assertEquals(COMMON_ISSUED_OPTIONS.toSorted(), Object.keys(common).toSorted());
  assertEquals(ownOptions({ ...common, share: {}, audience: "own" } as never), { audience: "own" });
});

Deno.test("what ends with a login is not shared, since every machine has another login", () => {
  const lease = own({ kind: "lease", share: "1", needs: ["client"], binds: ["client"] });
  assertEquals(problemsOf({ m2m: lease({ priority: 9, client: "m2m:client", share: share() }) }), [
    'stores.m2m.share: Stores of the kind "lease" cannot share: remove it',
  ]);
});
