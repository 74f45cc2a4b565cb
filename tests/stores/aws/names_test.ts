import { assertEquals, assertThrows } from "@std/assert";
import { ChainError, fromEnv } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { type AwsChainParts, awsReason, awsResolver } from "../../support/fixtures/aws_chain.ts";

const ELSEWHERE = "is of another region than the store: set region to its own";
const NO_SECRET = "is not the name of a secret or its ARN: expected letters, digits and any of / _ + = . @ ! -";
const NO_PARAMETER =
  "is not the name of a parameter: expected letters, digits and any of . - _, or a path of them after a /";
const SECRET_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app-AbCdEf";
const PARAMETER_ARN = "arn:aws:ssm:us-east-1:123456789012:parameter/app";

Deno.test("a name that no secret and no parameter can have is a mistake in the chain, and so is an ARN of another region", () => {
  const cases: readonly (readonly [name: string, problem: string, kind: "sm" | "ssm"])[] = [
    [SECRET_ARN, ELSEWHERE, "sm"],
    ...[" prod/app", "prod/app:1", "pröd", PARAMETER_ARN.replace("us-east", "eu-west")].map((name) =>
      [name, NO_SECRET, "sm"] as const
    ),
    [PARAMETER_ARN, ELSEWHERE, "ssm"],
    ["/prod/a b", NO_PARAMETER, "ssm"],
    ["prod/app", NO_PARAMETER, "ssm"],
    ["prod/app:3", NO_PARAMETER, "ssm"],
  ];
  const problemsOf = (parts: AwsChainParts) =>
    assertThrows(() => awsResolver(parts, testHost()), ChainError).problems.map(({ path, message }) =>
      `${path}: ${message}`
    );
  for (const [name, problem, kind] of cases) {
    const parts = kind === "sm" ? { secret: name } : { parameter: name };
    assertEquals(problemsOf(parts), [`credentials["${kind}:app"].from.${kind}: ${name} ${problem}`]);
  }
  for (const prefix of ["/prod app/", "prod/app/"]) {
    const problems = ["user", "password"].map((name) =>
      `credentials["ps:app"].from.ps: ${prefix}${name} ${NO_PARAMETER}`
    );
    assertEquals(problemsOf({ prefix }), problems);
  }
});

Deno.test("a name that is no path, a version and a label are those of parameters", () => {
  for (const parameter of ["app", "app:3", "/app:live", "/a/b", PARAMETER_ARN.replace("us-east", "eu-west")]) {
    awsResolver({ parameter }, testHost());
  }
});

Deno.test("where a variable gives the region, an ARN of another one is found when it is asked for", async () => {
  const sent = () => Promise.reject(new Error("sent"));
  const host = testHost({ env: { X: "eu-west-1" }, fetch: sent });
  const all = { region: fromEnv("X") as never };
  assertEquals(
    await awsReason({ all, secret: SECRET_ARN }, "sm:app", host),
    `"sm" is invalid: ${SECRET_ARN} ${ELSEWHERE}`,
  );
  const parts = { all, parameter: PARAMETER_ARN };
  assertEquals(await awsReason(parts, "ssm:app", host), `"ssm" is invalid: ${PARAMETER_ARN} ${ELSEWHERE}`);
});
