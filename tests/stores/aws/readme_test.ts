import { assert, assertEquals } from "@std/assert";
import { importPageChain } from "../../support/pages/page_program.ts";
import { Page } from "../../support/pages/page.ts";

const PAGE = new Page("src/stores/aws/README.md");
const SCOPE = "eu-west-1:123456789012";

interface Statement {
  readonly Effect: string;
  readonly Action: string;
  readonly Resource: string;
}

Deno.test("the policy of AWS's page allows what its chain asks for, and nothing else", async () => {
  const { stores, credentials } = await importPageChain(PAGE.first("ts"));
  const { Version, Statement } = JSON.parse(PAGE.first("json"));
  const neo4j = credentials["neo4j:basic"].from;
  // Hint: AWS puts a hyphen and six characters behind a secret's name.
  const secrets = [neo4j.sm, credentials["github:api"].from.sm.document].map((name) => `${name}-AbCdEf`);
  const parameters = Object.keys(credentials["neo4j:basic"].fields).map((name) => `${neo4j.ps.prefix}${name}`);
  const asked = [
    ...secrets.map((name) => ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${SCOPE}:secret:${name}`]),
    ...parameters.map((name) => ["ssm:GetParameters", `arn:aws:ssm:${SCOPE}:parameter${name}`]),
  ] as const;
  assertEquals([Version, Object.keys(stores), asked.length], ["2012-10-17", ["sm", "ps", "env"], 4]);
  const used = new Set<Statement>();
  for (const [action, arn] of asked) {
    const statement = (Statement as Statement[]).find(({ Effect, Action, Resource }) =>
      Effect === "Allow" && Action === action && Resource.endsWith("*") && arn!.startsWith(Resource.slice(0, -1))
    );
    assert(statement, `${action} on ${arn}`);
    used.add(statement);
  }
  assertEquals(used.size, Statement.length);
});
