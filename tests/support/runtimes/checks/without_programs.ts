import { createResolver, defineChain, env, optional } from "../../../../mod.ts";
import { credentialProcess, exec, execCredential } from "../../../../src/stores/exec/mod.ts";
import { expectEqual } from "../expect.ts";
import { show } from "../subject.ts";
import type { Checks } from "../table.ts";

/** Stores of programs on a runtime without any, such as workerd and the edge runtime, or on a host with `programs: false`. */
export const withoutProgramsChecks: Checks = {
  "where there are no programs, stores of programs are off with that reason, and the next store is asked": async () => {
    const { navigator, process } = globalThis as unknown as {
      readonly navigator?: { readonly userAgent?: string };
      readonly process?: { readonly pid?: unknown };
    };
    const isWorkerd = navigator?.userAgent === "Cloudflare-Workers";
    const system = !isWorkerd && ("Deno" in globalThis || "Bun" in globalThis || typeof process?.pid === "number");
    const chain = defineChain({
      stores: {
        op: exec({ priority: 400, command: ["op", "read", "{}"] }),
        sso: credentialProcess({ priority: 300, command: ["aws"] }),
        plugin: execCredential({ priority: 200, command: ["kubelogin"] }),
        env: env({ priority: 100 }),
      },
      credentials: {
        "api:token": {
          fields: { token: optional() },
          from: { op: "token", sso: true, plugin: true, env: { prefix: "API_" } },
        },
      },
    });
    const host = { env: { API_TOKEN: "not-a-token", PATH: "/usr/bin:/bin" } };
    const resolver = createResolver(chain, { ...host, ...(system ? { programs: false } : {}) });
    expectEqual(show(await resolver.resolve("api:token")), "env: op off, sso off, plugin off, env hit");
    expectEqual(
      resolver.describe().stores.slice(0, 3).map(({ reason }) => reason),
      Array(3).fill("this runtime lacks what it needs"),
    );
  },
};
