import { createResolver, defineChain, memory, required } from "../../../../mod.ts";
import { oauth2 } from "../../../../src/stores/oauth2/oauth2.ts";
import { testHost } from "../../../../src/testing/mod.ts";
import { expect, expectEqual, expectFailure } from "../expect.ts";
import { makeSecret } from "../secrets.ts";
import type { Checks } from "../table.ts";

/** Creates a chain without a client secret: a token that asserts the client is exchanged, and the result presented. */
function makeChain(secret: string) {
  const sent: string[][] = [];
  const server = { refuses: false };
  const fetch = (_: unknown, { body }: { body: URLSearchParams }) => {
    sent.push([...body.keys()].sort());
    if (server.refuses) return Promise.resolve(Response.json({ error: "invalid_request" }, { status: 400 }));
    const [given] = ["subject_token", "assertion"].flatMap((name) => body.get(name) ?? []);
    return Promise.resolve(Response.json({ access_token: `${given}+`, token_type: "Bearer", expires_in: 600 }));
  };
  const host = testHost({ fetch: fetch as unknown as typeof globalThis.fetch });
  const chain = defineChain({
    stores: {
      bearer: oauth2({
        priority: 3,
        tokenEndpoint: "https://sso.invalid/token",
        grant: "jwt_bearer",
        authentication: "none",
        assertion: "own:exchanged",
      }),
      exchange: oauth2({
        priority: 2,
        tokenEndpoint: "https://sts.invalid/token",
        grant: "token_exchange",
        authentication: "client_assertion",
        clientAssertion: "own:projected",
        subjectToken: "own:projected",
        subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
      }),
      memory: memory({ priority: 1, values: { token: secret } }),
    },
    credentials: {
      "own:projected": { fields: { token: required() }, from: { memory: { prefix: "" } } },
      "own:exchanged": { fields: { token: required() }, from: { exchange: { fields: { token: "access_token" } } } },
      "own:token": { fields: { token: required() }, from: { bearer: { fields: { token: "access_token" } } } },
    },
  });
  return { resolver: createResolver(chain, host), sent, server };
}

/** Grants with tokens instead of a client's secret. */
export const oauth2GrantChecks: Checks = {
  "a projected token is exchanged, and the result is presented as an assertion, without a client secret": async () => {
    const secret = makeSecret();
    const { resolver, sent } = makeChain(secret);
    expect((await resolver.resolve("own:token")).get("token") === `${secret}++`, "Expected the token of both");
    expectEqual(sent, [
      ["client_assertion", "client_assertion_type", "grant_type", "subject_token", "subject_token_type"],
      ["assertion", "grant_type"],
    ]);
  },

  "a token that cannot be exchanged is named, and not shown": async () => {
    const { resolver, server } = makeChain(makeSecret());
    server.refuses = true;
    const { message } = await expectFailure(() => resolver.resolve("own:token")) as Error;
    expect(message.includes('"own:projected" from "memory" was refused (HTTP 400, invalid_request)'), message);
  },
};
