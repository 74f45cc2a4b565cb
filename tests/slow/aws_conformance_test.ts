import { parameterDocument, parameterStore, secretsManager } from "../../src/stores/aws/mod.ts";
import { conformance, type StoreHarness } from "../../src/testing/mod.ts";
import { MOTO_REGION, startMoto } from "../support/servers/moto.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

type StartedMoto = Awaited<ReturnType<typeof startMoto>>;

/** Registers one test of all checks of a store, which share the server. */
function test(kind: string, open: (moto: StartedMoto) => StoreHarness | Promise<StoreHarness>): void {
  serverTest(`${kind} passes the conformance kit on moto`, ["moto"], async () => {
    await using moto = await startMoto();
    const failed: string[] = [];
    for (const { name, run } of conformance("", () => open(moto))) {
      await run().catch((error) => failed.push(`${name.trim()}: ${error.message}`));
    }
    if (failed.length > 0) throw new Error(failed.join("\n"));
  });
}

/** What the harnesses of the stores have in common: a user of their own, and the faults of the network. */
async function common(moto: StartedMoto, action: string) {
  const user = crypto.randomUUID();
  const keys = await moto.createUser(user, [action]);
  let fault: ((signal: AbortSignal | null | undefined) => Promise<Response>) | undefined;
  const network = (input: string | URL | Request, init?: RequestInit) => fault?.(init?.signal) ?? fetch(input, init);
  return {
    options: { region: MOTO_REGION, endpoint: moto.url, credentials: "aws:keys" },
    needs: { "aws:keys": () => ({ ...keys }) },
    host: { fetch: network, env: {} },
    deny: async () => {
      await moto.query("iam", { Action: "DeleteUserPolicy", UserName: user, PolicyName: "allowed" });
    },
    break: () => void (fault = () => Promise.resolve(Response.json([]))),
    disconnect: () => void (fault = () => Promise.reject(new TypeError("no connection"))),
    stall: () =>
      void (fault = (signal) =>
        new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))),
  };
}

test("secretsManager", async (moto) => {
  const { options: own, ...rest } = await common(moto, "secretsmanager:GetSecretValue");
  const name = crypto.randomUUID();
  return {
    store: (options) => secretsManager({ ...options, ...own }),
    from: name,
    put: (values) => moto.putSecret(name, JSON.stringify(values)),
    remove: () => moto.deleteSecret(name, "force"),
    ...rest,
  };
});

test("parameterDocument", async (moto) => {
  const { options: own, ...rest } = await common(moto, "ssm:GetParameter");
  const name = `/${crypto.randomUUID()}`;
  return {
    store: (options) => parameterDocument({ ...options, ...own }),
    from: name,
    put: (values) => moto.putParameter(name, JSON.stringify(values)),
    remove: () => moto.deleteParameters(name),
    ...rest,
  };
});

test("parameterStore", async (moto) => {
  const { options: own, ...rest } = await common(moto, "ssm:GetParameters");
  const prefix = `/${crypto.randomUUID()}/`;
  const names = ["user", "password", "note"].map((name) => prefix + name);
  return {
    store: (options) => parameterStore({ ...options, ...own }),
    from: { prefix },
    put: async (values) => {
      await moto.deleteParameters(...names.filter((name) => !(name.slice(prefix.length) in values)), `${prefix}none`);
      // Hint: AWS has no empty parameter.
      for (const [name, value] of Object.entries(values)) await moto.putParameter(prefix + name, value || " ");
    },
    remove: () => moto.deleteParameters(...names),
    ...rest,
  };
});
