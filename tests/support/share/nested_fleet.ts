import {
  createResolver,
  defineChain,
  defineStore,
  denied,
  env,
  fromEnv,
  optional,
  type Refusal,
  required,
  type StandardSchema,
  token,
  unavailable,
} from "../../../mod.ts";
import type { TestClock } from "../../../src/testing/test_clock.ts";
import { simulatedClock } from "../outages/simulated_clock.ts";
import { quiet, until } from "./drive.ts";
import { SEAL, seeded } from "./fleet.ts";
import { MemoryRegister } from "./memory_register.ts";

/** A machine whose login is a token itself. */
export interface NestedMachine {
  readonly env: Record<string, string>;
  readonly resolver: ReturnType<typeof createResolver>;
  /** The token, or the code of the error. */
  token(): Promise<string>;
}

/** A fleet whose login is a token itself: each token says with which login it was obtained, and that with which secret. */
export class NestedFleet {
  readonly clock: TestClock = simulatedClock(quiet);
  readonly register: MemoryRegister = new MemoryRegister(this.clock);
  /** The secrets with which logins were asked for, and the logins with which tokens were. */
  readonly logins: string[] = [];
  readonly exchanges: string[] = [];
  /** How long the server of the logins takes, in milliseconds. */
  loginDelay = 0;
  /** How long a login and a token are valid, in milliseconds. */
  loginLifetime = 3_600_000;
  lifetime = 3_600_000;
  /** Whether the server of the logins is away. */
  isLoginAway = false;
  /** Whether a login is not accepted. */
  isDead: (jwt: string) => boolean = () => false;
  #machines = 0;

  /** Adds a machine; its login may be shared too. */
  add({ sharesLogin = false, env: own = {}, schema }: NestedMachineOptions = {}): NestedMachine {
    const variables: Record<string, string> = { SECRET: "a", KEY: SEAL, SCOPE: "scope", AUDIENCE: "audience", ...own };
    const resolver = createResolver(this.#chain(sharesLogin, schema) as never, {
      env: variables,
      clock: this.clock,
      random: seeded(this.#machines++),
    }) as never as ReturnType<typeof createResolver>;
    return {
      env: variables,
      resolver,
      token: () => {
        const resolved = resolver.resolve("fleet:api" as never) as Promise<{ get(name: string): unknown }>;
        return until(
          this.clock,
          resolved.then((credential) => String(credential.get("token")), (error) => String(error.code ?? error)),
        );
      },
    };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  #chain(sharesLogin: boolean, schema?: StandardSchema) {
    const engine = this.register.engine();
    const login = defineStore({
      kind: "login",
      shape: token,
      share: "1",
      needs: ["client"],
      open: () => async (request: { scope?: string }, { need }) => {
        const secret = String((await need("client")).get("secret"));
        if (this.isLoginAway) return unavailable("HTTP 503");
        this.logins.push(secret);
        const number = this.logins.length;
        if (this.loginDelay > 0) await this.#wait(this.loginDelay);
        return {
          values: { jwt: `login ${number} of ${secret} for ${request.scope}` },
          expiresIn: this.loginLifetime / 1_000,
        };
      },
    });
    const exchange = defineStore({
      kind: "exchange",
      shape: token,
      share: "1",
      needs: ["login"],
      open: () => async (_: object, { need }) => {
        const credential = await need("login");
        const jwt = String(credential.get("jwt"));
        const audience = credential.fields.includes("audience") ? ` at ${credential.get("audience")}` : "";
        this.exchanges.push(jwt);
        const number = this.exchanges.length;
        await this.#wait(100);
        if (this.isDead(jwt)) return REFUSED;
        return {
          values: { token: `token ${number} by ${jwt}${audience}` },
          expiresIn: this.lifetime / 1_000,
        };
      },
    });
    const share = engine({ seal: "fleet:seal" });
    return defineChain({
      stores: {
        exchange: exchange({ priority: 3, login: "fleet:login", share }),
        login: login({ priority: 2, client: "fleet:client", ...(sharesLogin && { share }) } as never),
        env: env({ priority: 1 }),
      },
      credentials: {
        "fleet:client": { fields: { secret: required() }, from: { env: { prefix: "" } } },
        "fleet:seal": { fields: { key: required() }, from: { env: { prefix: "" } } },
        "fleet:login": {
          fields: { jwt: required(schema as never), audience: optional() },
          from: { login: { scope: fromEnv("SCOPE"), with: { audience: fromEnv("AUDIENCE") } } },
        },
        "fleet:api": { fields: { token: required() }, from: { exchange: true } },
      },
    } as never);
  }
}

/** How a machine differs from the others. */
export interface NestedMachineOptions {
  readonly sharesLogin?: boolean;
  /** The schema of its login. */
  readonly schema?: StandardSchema;
  readonly env?: Readonly<Record<string, string>>;
}

// Hint: the issuer's own known code says so, as those of `sts` do.
const REFUSED: Refusal = { ...denied("the login was refused", { need: "login" }), issued: true };
