import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createResolver, defineChain, env, mounted, required } from "../../../../mod.ts";
import { dotenv } from "../../../../src/stores/dotenv/dotenv.ts";
import { testClock } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import { showError } from "../subject.ts";
import type { Checks } from "../table.ts";
import { inDirectory } from "./directory.ts";

const fields = { user: required(), password: required() };

function makeMounted(directory: string, sync = true) {
  const clock = testClock();
  const chain = defineChain({
    stores: { mounted: mounted({ priority: 100, directory, sync }) },
    credentials: { "db:basic": { fields, from: { mounted: { prefix: "db-" } } } },
  });
  return { clock, resolver: createResolver(chain, { env: {}, clock }) };
}

function makeDocker(variables: Record<string, string>) {
  const chain = defineChain({
    stores: { env: env({ priority: 100, files: true }) },
    credentials: { "db:basic": { fields, from: { env: { prefix: "DB_" } } } },
  });
  return createResolver(chain, { env: { DB_USER: "reader", ...variables } });
}

/** Values in files: mounted secrets, dotenv files, and variables that name a file. */
export const valueChecks: Checks = {
  "a mounted secret is the text of its file, without its last line break": inDirectory(async (directory) => {
    writeFileSync(`${directory}/db-user`, "reader\n");
    for (const [text, value] of [["plain", "plain"], [" padded \r\n", " padded "], ["two\n\n", "two\n"]] as const) {
      writeFileSync(`${directory}/db-password`, text);
      for (const sync of [true, false]) {
        const credential = await makeMounted(directory, sync).resolver.resolve("db:basic");
        expectEqual([credential.get("user"), credential.get("password")], ["reader", value]);
      }
    }
  }),

  "no resolve fails or mixes two versions while a Kubernetes volume is updated": inDirectory(
    async (directory) => {
      const mount = (version: number) => {
        mkdirSync(`${directory}/..v${version}`);
        writeFileSync(`${directory}/..v${version}/db-user`, `user-${version}`);
        writeFileSync(`${directory}/..v${version}/db-password`, `fake-${version}`);
        symlinkSync(`..v${version}`, `${directory}/..data_tmp`);
        renameSync(`${directory}/..data_tmp`, `${directory}/..data`);
        rmSync(`${directory}/..v${version - 1}`, { recursive: true, force: true });
      };
      mount(0);
      for (const name of ["db-user", "db-password"]) symlinkSync(`..data/${name}`, `${directory}/${name}`);
      const subjects = [makeMounted(directory), makeMounted(directory, false)];
      for (let version = 1; version <= 50; version++) {
        for (const { resolver, clock } of subjects) {
          resolver.invalidate("db:basic");
          const pending = Array.from({ length: 10 }, () => resolver.resolve("db:basic"));
          if (resolver === subjects[1]!.resolver) mount(version);
          const all = Promise.all(pending);
          let done = false;
          all.then(() => done = true, () => done = true);
          for (let turns = 0; !done && turns < 1_000; turns++) await clock.advance(50);
          for (const credential of await all) {
            expectEqual(credential.get("user").slice(5), credential.get("password").slice(5));
          }
        }
      }
    },
  ),

  "a dollar sign in a dotenv value is never expanded, and quotes and comments are removed": inDirectory(
    async (directory) => {
      const cases: readonly (readonly [string, string])[] = [
        ["pa$word", "pa$word"],
        ["$DB_PASSWORD", "$DB_PASSWORD"],
        ["${DB_USER:-x}$", "${DB_USER:-x}$"],
        ["'single $quoted'", "single $quoted"],
        ['"double $quoted # no comment"', "double $quoted # no comment"],
        ["plain # a comment", "plain"],
        ["a=b=c", "a=b=c"],
        ['"two\\nlines"', "two\nlines"],
        ["\uE000$\uE001", "\uE000$\uE001"],
      ];
      const chain = defineChain({
        stores: { dotenv: dotenv({ priority: 100, path: `${directory}/.env` }) },
        credentials: { "db:basic": { fields, from: { dotenv: { prefix: "DB_" } } } },
      });
      for (const [written, value] of cases) {
        writeFileSync(
          `${directory}/.env`,
          `# a comment\nexport DB_USER=reader\nDB_PASSWORD=${written}\nOTHER=$OTHER\n`,
        );
        const credential = await createResolver(chain, { env: {} }).resolve("db:basic");
        expectEqual([credential.get("user"), credential.get("password")], ["reader", value]);
      }
      rmSync(`${directory}/.env`);
      expectEqual(await createResolver(chain, { env: {} }).find("db:basic"), undefined);
    },
  ),

  "a dotenv value that parsers read differently is refused, and nothing of the file is printed": inDirectory(
    async (directory) => {
      const secret = makeSecret();
      const chain = defineChain({
        stores: { dotenv: dotenv({ priority: 100, path: `${directory}/.env` }) },
        credentials: { "db:basic": { fields, from: { dotenv: { prefix: "DB_" } } } },
      });
      const ignored = `${secret}/+=${secret}\nmy ${secret}=${secret}\n${secret}-key='${secret}'${secret}\n`;
      const cases: readonly (readonly [string, string | undefined])[] = [
        [`'${secret}'`, undefined],
        [`"${secret}\n${secret}" # ${secret}`, undefined],
        [`'${secret}'${secret}`, "text after a closing quote"],
        [`${secret}#${secret}`, "a # without a space before it"],
        [`"C:\\${secret}"`, "a backslash in double quotes that is not \\n"],
        [`'${secret}`, "a quote that is not closed"],
      ];
      for (const [written, found] of cases) {
        writeFileSync(`${directory}/.env`, `${ignored}DB_USER=reader\nDB_PASSWORD=${written}`);
        const resolver = createResolver(chain, { env: {} });
        if (found === undefined) {
          expectEqual((await resolver.resolve("db:basic")).get("user"), "reader");
          continue;
        }
        const { message } = await expectFailure(() => resolver.resolve("db:basic")) as Error;
        expect(message.includes(`/.env has ${found} at line 5: `), `Expected "${found}" in "${message}"`);
      }
    },
  ),

  "a Docker secret is read from the file that NAME_FILE names": inDirectory(async (directory) => {
    const secret = makeSecret();
    writeFileSync(`${directory}/password`, `${secret}\n`);
    const DB_PASSWORD_FILE = `${directory}/password`;
    const credential = await makeDocker({ DB_PASSWORD_FILE }).resolve("db:basic");
    expect(credential.get("password") === secret, "Expected the file's text without its last line break");
    const cases: readonly (readonly [Record<string, string>, string])[] = [
      [
        { DB_PASSWORD_FILE, DB_PASSWORD: secret },
        "DB_PASSWORD and DB_PASSWORD_FILE are both set: expected only one of them",
      ],
      [{ DB_PASSWORD_FILE: "password" }, "DB_PASSWORD_FILE is not an absolute path"],
      [{ DB_PASSWORD_FILE: `${directory}/nothing` }, "DB_PASSWORD_FILE names a file that does not exist"],
      [{ DB_PASSWORD_FILE: directory }, "DB_PASSWORD_FILE is not a regular file"],
    ];
    for (const [variables, message] of cases) {
      const error = await expectFailure(() => makeDocker(variables).resolve("db:basic")) as Error;
      expectEqual(showError(error), "CredentialError invalid: env invalid");
      expect(error.message.endsWith(message), `Expected "${message}" at the end of "${error.message}"`);
      expect(!error.message.includes(directory), "Expected no path in an error");
    }
  }),
};
