import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createResolver, defineChain, required } from "../../../../mod.ts";
import { awsRuntime } from "../../../../src/stores/aws/mod.ts";
import { tokenFile } from "../../../../src/stores/identity/mod.ts";
import { testClock } from "../../../../src/testing/mod.ts";
import { fakeJwt } from "../../fixtures/fake_jwt.ts";
import { expectEqual } from "../expect.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;

/** Writes a version of a volume as the kubelet does: a new directory, to which `..data` is then turned. */
function project(directory: string, version: number, token: string): void {
  mkdirSync(`${directory}/..v${version}`);
  writeFileSync(`${directory}/..v${version}/token`, token);
  symlinkSync(`..v${version}`, `${directory}/..data_tmp`);
  renameSync(`${directory}/..data_tmp`, `${directory}/..data`);
  if (version === 1) symlinkSync("..data/token", `${directory}/token`);
}

/** Tokens in files of a volume that others renew. */
export const tokenFileChecks: Checks = {
  "a projected token that was replaced is seen within ten seconds": inDirectory(async (directory) => {
    for (const sync of [true, false]) {
      const clock = testClock();
      const volume = `${directory}/${sync}`;
      mkdirSync(volume);
      const tokenOf = (jti: number) => fakeJwt({ exp: (clock.now() + HOUR) / SECOND, jti });
      const chain = defineChain({
        stores: { pod: tokenFile({ priority: 1, path: `${volume}/token`, sync }) },
        credentials: { "pod:token": { fields: { token: required() }, from: { pod: { prefix: "" } } } },
      });
      const resolver = createResolver(chain, { clock });
      const [first, second] = [tokenOf(1), tokenOf(2)];
      project(volume, 1, `${first}\n`);
      expectEqual((await resolver.resolve("pod:token")).get("token"), first);
      project(volume, 2, second);
      await clock.advance(10 * SECOND);
      expectEqual((await resolver.resolve("pod:token")).get("token"), second);
    }
  }),

  "the keys of a pod are asked for with the token that its file has now": inDirectory(async (directory) => {
    const clock = testClock();
    const sent: unknown[] = [];
    const chain = defineChain({
      stores: { aws: awsRuntime({ priority: 1 }) },
      credentials: { "aws:keys": { fields: { access_key: required() }, from: { aws: true } } },
    });
    const resolver = createResolver(chain, {
      clock,
      env: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${directory}/token`,
      },
      fetch: (_, init) => {
        sent.push(new Headers(init!.headers).get("authorization"));
        const keys = { AccessKeyId: `access-${sent.length}`, SecretAccessKey: "not-a-secret", Token: "not-a-secret" };
        return Promise.resolve(Response.json({ ...keys, Expiration: new Date(clock.now() + HOUR).toISOString() }));
      },
    });
    project(directory, 1, "first\n");
    await resolver.resolve("aws:keys");
    project(directory, 2, "second");
    await clock.advance(50 * 60 * SECOND);
    await resolver.resolve("aws:keys");
    expectEqual(sent, ["first", "second"]);
  }),
};
