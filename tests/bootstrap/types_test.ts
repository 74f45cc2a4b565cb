import type { Credential, Resolver } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { assertEquals } from "@std/assert";
import type { principalResolver } from "../support/bootstrap/principal_chain.ts";

type PrincipalResolver = ReturnType<typeof principalResolver>;
type FieldsOf<R> = R extends Resolver<infer C> ? C : never;

/** Only checked by the compiler, never called. */
export async function mistakes(resolver: PrincipalResolver): Promise<void> {
  // @ts-expect-error: the chain has no such credential
  await persist(resolver, "polaris:nothing", { client_id: "a", client_secret: "b" });
  // @ts-expect-error: a required field is missing
  await persist(resolver, "polaris:oauth", { client_id: "a" });
  // @ts-expect-error: the credential has no such field
  await persist(resolver, "polaris:oauth", { client_id: "a", client_secret: "b", secret: "c" });
  // @ts-expect-error: a field without a schema is a string
  await persist(resolver, "polaris:oauth", { client_id: "a", client_secret: 1 });
  // @ts-expect-error: a required field is missing from what is minted
  await ensure(resolver, "polaris:oauth", () => ({ client_id: "a" }));
  // @ts-expect-error: onOrphan gets what is minted, which has no such field
  await ensure(resolver, "polaris:rest", () => ({ credential: "a" }), { onOrphan: ({ client_id }) => client_id });
}

Deno.test("ensure() returns a credential with the type of its key", () => {
  type Ensured = Awaited<ReturnType<typeof ensure<FieldsOf<PrincipalResolver>, "polaris:oauth">>>;
  const same: Ensured extends Credential<FieldsOf<PrincipalResolver>["polaris:oauth"], "polaris:oauth"> ? true : false =
    true;
  assertEquals(same, true);
});
