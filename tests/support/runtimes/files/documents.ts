import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { createResolver, type CredentialError, defineChain, env, file, optional, required } from "../../../../mod.ts";
import { testClock } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import { show, showError } from "../subject.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

const SEED = { POLARIS_CLIENT_ID: "root", POLARIS_CLIENT_SECRET: "s3cr3t" };

/** Creates a resolver of real files above an environment in memory, with a clock that a check advances. */
function makePrincipal(directory: string, document = "principal.json", sync = true) {
  const clock = testClock();
  const chain = defineChain({
    stores: { file: file({ priority: 200, directory, sync }), env: env({ priority: 100 }) },
    credentials: {
      "polaris:oauth": {
        fields: { client_id: required(), client_secret: required(), principal: optional() },
        from: {
          file: {
            document,
            fields: {
              client_id: ["client_id", "/credentials/clientId"],
              client_secret: ["client_secret", "/credentials/clientSecret"],
              principal: ["principal", "/principal/name"],
            },
          },
          env: { prefix: "POLARIS_" },
        },
      },
    },
  });
  return { clock, resolver: createResolver(chain, { env: SEED, clock }), path: `${directory}/${document}` };
}

/** Expects a document to be invalid, with an error that ends with this message. */
async function expectRefused(directory: string, message: string, document?: string): Promise<void> {
  for (const sync of [true, false]) {
    const { resolver, clock } = makePrincipal(directory, document, sync);
    const failing = expectFailure(() => resolver.resolve("polaris:oauth"));
    await until(failing, () => clock.advance(50));
    const error = await failing as Error;
    expectEqual(showError(error), "CredentialError invalid: file invalid");
    expect(error.message.endsWith(message), `Expected "${message}" at the end of "${error.message}"`);
  }
}

/** Advances an injected clock repeatedly until a promise is settled, since real files take real time. */
async function until(ended: Promise<unknown>, advance: () => Promise<void>): Promise<void> {
  let done = false;
  ended.then(() => done = true, () => done = true);
  for (let turns = 0; !done && turns < 1_000; turns++) await advance();
}

/** Texts, and where each of them stops being JSON. */
const NOT_JSON: readonly (readonly [text: string, place: string])[] = [
  ['{"client_id": "runtime", "client_se', "1:36"],
  ['{\n  "client_id": "runtime",\n  "client_secret": "s3cr3t",\n}\n', "4:1"],
  ['{\n  "client_id": "runtime"\n  "client_secret": "s3cr3t"\n}\n', "3:3"],
  ['{"client_id": runtime}', "1:15"],
  ["{\n'client_id': 1}", "2:1"],
  ['{\r\n"a": [1, 2,]}', "2:12"],
  ['{"a": "one\ntwo"}', "1:11"],
  ['{"a": "C:\\dir"}', "1:15"],
  ['{"a": 1}\n}', "2:1"],
  ['{"a": {"b": [true, null, -1.5e3, ""]}', "1:38"],
  ["[".repeat(500_000), "1:500001"],
  [`{"a": "${"\\n".repeat(200_000)}`, "1:400008"],
];

/** Documents in real files. */
export const documentChecks: Checks = {
  "a principal that bootstrap mints replaces the static seed within a second": inDirectory(
    async (directory) => {
      for (const sync of [true, false]) {
        const { resolver, clock, path } = makePrincipal(directory, `principal-${sync}.json`, sync);
        expectEqual(show(await resolver.resolve("polaris:oauth")), "env: file miss, env hit");
        const secret = makeSecret();
        writeFileSync(path, JSON.stringify({ client_id: "runtime", client_secret: secret }));
        await clock.advance(1_000);
        const credential = await resolver.resolve("polaris:oauth");
        expectEqual([credential.source, credential.get("client_id")], ["file", "runtime"]);
        expect(credential.get("client_secret") === secret, "Expected the secret that was minted");
      }
    },
  ),

  "a principal is read from Polaris's own response too": inDirectory(async (directory) => {
    const { resolver, path } = makePrincipal(directory);
    const answer = { principal: { name: "runtime" }, credentials: { clientId: "id", clientSecret: "not-a-secret" } };
    writeFileSync(path, JSON.stringify(answer));
    const credential = await resolver.resolve("polaris:oauth");
    expectEqual([credential.get("principal"), credential.get("client_id")], ["runtime", "id"]);
  }),

  "a principal without its secret stops the walk, and the seed is never used": inDirectory(async (directory) => {
    const { resolver, path } = makePrincipal(directory);
    writeFileSync(path, JSON.stringify({ client_id: "runtime" }));
    const error = await expectFailure(() => resolver.resolve("polaris:oauth"));
    expectEqual(showError(error), "CredentialError incomplete: file incomplete");
  }),

  "a document that is rewritten with the same size and time is noticed": inDirectory(async (directory) => {
    const { resolver, clock, path } = makePrincipal(directory);
    const time = new Date(1_700_000_000_000);
    for (const id of ["first", "other", "third"]) {
      writeFileSync(path, JSON.stringify({ client_id: id, client_secret: "not-a-secret" }));
      utimesSync(path, time, time);
      expectEqual((await resolver.resolve("polaris:oauth")).get("client_id"), id);
      await clock.advance(1_000);
    }
  }),

  "a document that is being written is read again before it is invalid": inDirectory(async (directory) => {
    const { resolver, clock, path } = makePrincipal(directory);
    writeFileSync(path, '{"client_id": "runtime", "client_se');
    const pending = resolver.resolve("polaris:oauth");
    await clock.advance(50);
    writeFileSync(path, JSON.stringify({ client_id: "runtime", client_secret: "not-a-secret" }));
    await clock.advance(50);
    expectEqual((await pending).get("client_id"), "runtime");
  }),

  "the error for an invalid document says where it is invalid, and shows nothing of it": inDirectory(
    async (directory) => {
      const secret = makeSecret();
      const cases: readonly (readonly [string, string])[] = [
        ["", "is empty: expected a JSON object"],
        [JSON.stringify([secret]), "is an array: expected a JSON object"],
        [JSON.stringify({ client_id: 7, client_secret: secret }), "principal.json#client_id is not text"],
        [`{\n"client_id": "${secret}`, ": expected a JSON object"],
        [`{"client_id": "${secret}", oops}`, ": expected a JSON object"],
      ];
      for (const [text, message] of cases) {
        writeFileSync(`${directory}/principal.json`, text);
        await expectRefused(directory, message);
      }
      truncateSync(`${directory}/principal.json`, 2 * 1024 * 1024);
      await expectRefused(directory, "principal.json is larger than 1024 KiB");
      writeFileSync(`${directory}/principal.json`, new Uint8Array([0x22, 0xff, 0x22]));
      await expectRefused(directory, "principal.json is not valid UTF-8 text");
    },
  ),

  "members that every object inherits are not read": inDirectory(async (directory) => {
    const { resolver, path } = makePrincipal(directory);
    writeFileSync(path, '{"__proto__": {"client_id": "x", "client_secret": "y"}, "constructor": "z"}');
    const error = await expectFailure(() => resolver.resolve("polaris:oauth"));
    expectEqual((error as CredentialError).code, "incomplete");
  }),

  "links inside the directory are followed, and links out of it are invalid, even to a sibling with its name as a prefix":
    inDirectory(
      async (directory) => {
        const [inside, outside] = [`${directory}/state`, `${directory}/state-of-another`];
        mkdirSync(inside);
        mkdirSync(outside);
        const document = JSON.stringify({ client_id: "linked", client_secret: "not-a-secret" });
        writeFileSync(`${inside}/real.json`, document);
        writeFileSync(`${outside}/real.json`, document);
        symlinkSync("real.json", `${inside}/principal.json`);
        expectEqual((await makePrincipal(inside).resolver.resolve("polaris:oauth")).get("client_id"), "linked");
        symlinkSync(`${outside}/real.json`, `${inside}/out.json`);
        await expectRefused(
          inside,
          "out.json leads outside its directory by a link: expected a path within it",
          "out.json",
        );
        await expectRefused(
          inside,
          "../state-of-another/real.json leads outside its directory: expected a path within it",
          "../state-of-another/real.json",
        );
        symlinkSync("circle.json", `${inside}/circle.json`);
        await expectRefused(inside, "circle.json: its path does not lead to a file", "circle.json");
      },
    ),

  "a document that is not JSON is invalid, with the line and the column where it stops being JSON": inDirectory(
    async (directory) => {
      for (const [text, place] of NOT_JSON) {
        writeFileSync(`${directory}/principal.json`, text);
        await expectRefused(directory, `principal.json:${place} is not valid JSON: expected a JSON object`);
      }
    },
  ),

  "a colon in the name of a document is a part of that name": inDirectory(async (directory) => {
    for (const name of ["polaris:rest.json", "c:principal.json"]) {
      writeFileSync(`${directory}/${name}`, '{"client_id":"runtime","client_secret":"not-a-secret"}');
      for (const sync of [true, false]) {
        const { resolver } = makePrincipal(directory, name, sync);
        expectEqual((await resolver.resolve("polaris:oauth")).source, "file");
      }
    }
  }),

  "a FIFO is invalid and not read, since that would block the process": inDirectory(async (directory) => {
    execFileSync("mkfifo", [`${directory}/principal.json`]);
    await expectRefused(directory, "principal.json is not a regular file");
    symlinkSync("principal.json", `${directory}/linked.json`);
    await expectRefused(directory, "linked.json is not a regular file", "linked.json");
  }),

  "a document that is replaced during concurrent resolves is never missing, and never a mix of two versions":
    inDirectory(
      async (directory) => {
        const { resolver, clock, path } = makePrincipal(directory);
        const write = (version: number) => {
          writeFileSync(
            `${path}.new`,
            JSON.stringify({ client_id: `id-${version}`, client_secret: `fake-${version}` }),
          );
          renameSync(`${path}.new`, path);
        };
        write(0);
        for (let version = 1; version <= 100; version++) {
          const pending = [resolver.resolve("polaris:oauth"), resolver.resolve("polaris:oauth")];
          write(version);
          for (const credential of await Promise.all(pending)) {
            expectEqual(credential.source, "file");
            expectEqual(credential.get("client_id").slice(3), credential.get("client_secret").slice(5));
          }
          await clock.advance(1_000);
        }
        expectEqual((await resolver.resolve("polaris:oauth")).get("client_id"), "id-100");
      },
    ),
};
