import { assertEquals } from "@std/assert";
import { makeProject } from "../support/packaging/project.ts";
import { compilerPath } from "../support/packaging/compilers.ts";

/** A program that uses most entry points; what must not compile is marked. */
const PROGRAM = `
import {
  createResolver, type CredentialError, defineChain, defineStore, denied, env, file, fromEnv, required, setting, variables,
} from "@alphaswarm/credentials";
import { ensure, persist } from "@alphaswarm/credentials/bootstrap";
import { main } from "@alphaswarm/credentials/cli";
import { awsCredentials } from "@alphaswarm/credentials/clients/aws";
import { credentialFetch } from "@alphaswarm/credentials/clients/fetch";
import { icebergOptions } from "@alphaswarm/credentials/clients/iceberg";
import { neo4jAuth } from "@alphaswarm/credentials/clients/neo4j";
import { dotenv } from "@alphaswarm/credentials/dotenv";
import { describeRoute } from "@alphaswarm/credentials/hono";
import { oauth2 } from "@alphaswarm/credentials/oauth2";
import { check, descriptionSchema, explain } from "@alphaswarm/credentials/report";
import { credentialAttributes, instrument, type MeterLike } from "@alphaswarm/credentials/otel";
import { sts } from "@alphaswarm/credentials/sts";
import { conformance, testHost } from "@alphaswarm/credentials/testing";

const own = defineStore({ kind: "own", shape: variables, open: ({ seal }: { seal: string }) => () => denied(seal) });
const chain = defineChain({
  stores: {
    m2m: oauth2({ priority: 400, tokenEndpoint: fromEnv("TOKEN_URL"), client: "m2m:client" }),
    minio: sts({ priority: 300, endpoint: "https://minio.example", webIdentity: "m2m:identity" }),
    file: file({ priority: 200, directory: "state" }),
    own: own({ priority: 150, seal: "closed" }),
    dotenv: dotenv({ priority: 120, path: ".env" }),
    env: env({ priority: 100 }),
  },
  credentials: {
    "m2m:client": {
      fields: { client_id: required(), client_secret: required() },
      from: { env: { prefix: "M2M_" } },
    },
    "m2m:identity": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
    "minio:sts": {
      fields: { access_key: required(), secret_key: required(), session_token: required() },
      from: { minio: true },
    },
    "db:basic": {
      fields: { user: required(), password: required(), database: setting({ default: "neo4j" }) },
      from: { file: "db.json", dotenv: { prefix: "DB_" }, env: { prefix: "DB_" } },
    },
  },
});
const host = testHost({ env: { DB_USER: "reader", DB_PASSWORD: "fake" } });
const resolver = createResolver(chain, host);

export async function program(): Promise<unknown> {
  const credential = await resolver.resolve("db:basic");
  const user: string = credential.get("user");
  // @ts-expect-error a number
  const length: number = credential.get("user");
  // @ts-expect-error a field that the credential does not have
  credential.get("users");
  // @ts-expect-error a key that the chain does not have
  await resolver.resolve("db:other").catch((error: CredentialError) => error.code);
  // @ts-expect-error a credential without the fields of S3
  awsCredentials(resolver, "db:basic");
  // @ts-expect-error a credential that is none of the chain
  defineChain({ stores: { m2m: oauth2({ priority: 1, client: "m2m:client" }) }, credentials: {} });
  const { accessKeyId } = await awsCredentials(resolver, "minio:sts")();
  const { source } = await explain(resolver, "db:basic");
  const { ok }: { readonly ok: boolean } = await check(resolver);
  const described = await descriptionSchema["~standard"].validate(resolver.describe());
  const minted: typeof credential = await ensure(resolver, "db:basic", () => ({ user: "minted", password: "fake" }));
  using watched = resolver.onChange("db:basic", (changed) => changed.get("password"));
  const attributes: Record<string, string | number | boolean> = credentialAttributes(credential);
  return [user, length, accessKeyId, source, ok, described, minted, watched, attributes, neo4jAuth(resolver, "db:basic")];
}

export const measure = (meter: MeterLike): Disposable => instrument(resolver, { meter });
export const others = [main, persist, credentialFetch, icebergOptions, conformance];
export const open = describeRoute(resolver, { auth: "none", allowUnauthenticated: true });
// @ts-expect-error a route without a word about authentication
export const route = describeRoute(resolver, {});
`;

/** How a project finds the types: as Node does, and as bundlers do; the slow compiler tries the first alone. */
const PROJECTS = [
  { compiler: "typescript", resolution: { module: "nodenext" } },
  { compiler: "typescript-7", resolution: { module: "nodenext" } },
  { compiler: "typescript-7", resolution: { module: "esnext", moduleResolution: "bundler" } },
] as const;

Deno.test("the types of the package are those of the sources, for a strict project without Deno or Node", async (t) => {
  using project = await makeProject();
  project.write("program.ts", PROGRAM);
  for (const { compiler, resolution } of PROJECTS) {
    await t.step(`${compiler}, ${JSON.stringify(resolution)}`, async () => {
      const compilerOptions = {
        ...resolution,
        target: "es2022",
        lib: ["es2022", "dom"],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
      };
      project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["program.ts"] }));
      const { code, out } = await project.run("node-24", [await compilerPath(compiler)]);
      assertEquals([code, out], [0, ""]);
    });
  }
});
