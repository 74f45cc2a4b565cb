import { assertRejects, assertStringIncludes } from "@std/assert";
import { testInDirectory } from "../fixtures/directory.ts";
import { npmInstall } from "./install.ts";

testInDirectory(
  "packages that cannot be installed are named, with what npm says of the registry",
  async (directory) => {
    const manifest = JSON.stringify({
      private: true,
      dependencies: { "not-there-a": "1.0.0", "not-there-b": "1.0.0" },
    });
    const env = { npm_config_registry: "http://127.0.0.1:9/", npm_config_cache: `${directory}/cache` };
    const error = await assertRejects(() => npmInstall(directory, manifest, env), Error);
    for (const named of ["Cannot install not-there-a, not-there-b: ", "ECONNREFUSED", "127.0.0.1:9"]) {
      assertStringIncludes(error.message, named);
    }
  },
);
