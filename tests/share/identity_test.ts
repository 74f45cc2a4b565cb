import { assertEquals, assertNotEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  env,
  fromEnv,
  optional,
  required,
  setting,
  token,
  variables,
} from "../../mod.ts";
import { simulatedClock } from "../support/outages/simulated_clock.ts";
import { quiet, until } from "../support/share/drive.ts";
import { SEAL } from "../support/share/fleet.ts";
import { MemoryRegister } from "../support/share/memory_register.ts";

/** How a machine that logs in by a token differs from another. */
interface Login {
  readonly secret?: string;
  readonly realm?: string;
  readonly scope?: string;
  readonly audience?: string;
  readonly region?: string;
  readonly principal?: string;
  readonly projected?: string;
}

/** Creates machines whose login is itself a token, which each of them obtains for itself. */
function machines() {
  const clock = simulatedClock(quiet);
  const register = new MemoryRegister(clock);
  let logins = 0, minted = 0;
  const engine = register.engine();
  const login = defineStore({
    kind: "login",
    shape: token,
    needs: ["client"],
    open: () => async (_: { scope?: string }, { need }) => {
      await need("client");
      return { values: { jwt: `login-${++logins}` }, expiresIn: 3_600 };
    },
  });
  const projected = defineStore({
    kind: "projected",
    shape: variables,
    ambient: true,
    open: () => (name) => name === "jwt" ? `projected-${++logins}` : undefined,
  });
  const exchange = defineStore({
    kind: "exchange",
    shape: token,
    share: "1",
    needs: ["login"],
    open: () => async (_: { role?: string }, { need }) => {
      await need("login");
      return { values: { token: `token-${++minted}` }, expiresIn: 3_600 };
    },
  });
  const resolver = ({ secret = "secret", realm = "realm", scope = "scope", ...own }: Login = {}) => {
    const { audience = "audience", region = "region", principal, projected: kind } = own;
    const share = engine({ seal: "fleet:seal", ...(principal && { principal: fromEnv("PRINCIPAL") }) });
    const chain = defineChain({
      stores: {
        exchange: exchange({ priority: 4, login: "fleet:login", share }),
        login: login({ priority: 3, client: "fleet:client", realm: fromEnv("REALM") } as never),
        projected: projected({ priority: 2, enabled: !!kind, file: kind } as never),
        env: env({ priority: 1 }),
      },
      credentials: {
        "fleet:client": { fields: { secret: required() }, from: { env: { prefix: "" } } },
        "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "" } } },
        "fleet:login": {
          fields: { jwt: required(), audience: optional(), region: setting() },
          from: kind ? { projected: { prefix: "" }, env: { prefix: "" } } : {
            login: { scope, with: { audience: fromEnv("AUDIENCE") } },
            env: { prefix: "" },
          },
        },
        "fleet:api": { fields: { token: required() }, from: { exchange: true } },
      },
    } as never);
    const variables = { SECRET: secret, KEY: SEAL, REALM: realm, AUDIENCE: audience, REGION: region };
    return createResolver(chain as never, {
      env: { ...variables, ...(principal && { PRINCIPAL: principal }) },
      clock,
    }) as ReturnType<typeof createResolver>;
  };
  /** The token of a machine, and the name of its entry. */
  const named = async (options?: Login) => {
    const own = resolver(options);
    const credential = await until(clock, own.resolve("fleet:api" as never)) as { get(name: string): unknown };
    const description = own.describe().stores.find(({ name }) => name === "exchange")!;
    return { token: credential.get("token"), entries: description.share!.entries };
  };
  return { named };
}

Deno.test("machines whose logins are tokens of their own share a token, since these were obtained in the same way", async () => {
  const { named } = machines();
  assertEquals(await named(), await named());
});

const OTHERS: readonly (readonly [what: string, login: Login])[] = [
  ["the secret behind it", { secret: "other" }],
  ["an option of its store that a variable gives", { realm: "other" }],
  ["a parameter of its request", { scope: "other" }],
  ["a value that its mapping adds", { audience: "other" }],
  ["a setting that another store gives", { region: "other" }],
  ["who the fleet is said to be", { principal: "other" }],
];

for (const [what, login] of OTHERS) {
  Deno.test(`machines whose login differs by ${what} share no token`, async () => {
    const { named } = machines();
    const [a, b] = [await named(), await named(login)];
    assertNotEquals(a.entries, b.entries);
    assertNotEquals(a.token, b.token);
  });
}

Deno.test("machines whose login is their own share a token by their principal, and only where it is found alike", async () => {
  const { named } = machines();
  const first = await named({ projected: "/run/token", principal: "fleet" });
  assertEquals(await named({ projected: "/run/token", principal: "fleet" }), first);
  assertNotEquals(await named({ projected: "/run/token", principal: "other" }), first);
  assertNotEquals(await named({ projected: "/run/other", principal: "fleet" }), first);
});
