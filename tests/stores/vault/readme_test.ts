import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "npm:yaml@^2.9.1";
import { importPageChain } from "../../support/pages/page_program.ts";
import { Page } from "../../support/pages/page.ts";

const PAGE = new Page("src/stores/vault/README.md");
const TITLE = "With a token of Kubernetes";

Deno.test("the pod of Vault's page mounts the token where its chain reads it, for the audience of the role", async () => {
  const [code] = PAGE.blocks(TITLE, "ts");
  const [block] = PAGE.blocks(TITLE, "yaml");
  const [role] = PAGE.blocks(TITLE, "sh");
  const { spec } = parse(block);
  const [{ volumeMounts: [mount] }] = spec.containers;
  const [volume] = spec.volumes;
  const [{ serviceAccountToken }] = volume.projected.sources;
  assertEquals([mount.name, mount.readOnly], [volume.name, true]);
  assertStringIncludes(code, `fromEnv("POD_TOKEN_DIRECTORY", "${mount.mountPath}")`);
  const { credentials } = await importPageChain(code);
  assertEquals(Object.keys(credentials["pod:identity"].fields), [serviceAccountToken.path]);
  assertStringIncludes(role, `audience=${serviceAccountToken.audience} `);
  assertStringIncludes(role, `bound_service_account_names=${spec.serviceAccountName} `);
});
