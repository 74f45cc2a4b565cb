/**
 * Whatever a token endpoint or an issuer answers, nothing crashes, no message quotes it, and no seed is used unnoticed.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, type Host, httpRefusal, memory, required, type Resolver } from "../../mod.ts";
import { isRefusal } from "../../src/core/chain/outcome.ts";
import { oauth2, type OAuth2Options } from "../../src/stores/oauth2/oauth2.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { answering, answers, type HttpAnswer, responseOf } from "../support/fuzz/http_answers.ts";
import { jsonIn, memberIn } from "../support/fuzz/json_texts.ts";
import { assertNoMarker, type Marker, markers } from "../support/fuzz/marker.ts";
import { metadataTexts, tokenTexts } from "../support/fuzz/token_texts.ts";

const ISSUER = "https://issuer.example";
const DAY = 86_400_000;

interface Case {
  readonly marker: Marker;
  readonly answers: readonly HttpAnswer[];
}

function tokenResolver(
  options: OAuth2Options & { readonly subjectToken?: string },
  { text }: Marker,
  host: Host,
): Resolver {
  const client = { client_id: "id", client_secret: text };
  return createResolver(
    {
      stores: {
        m2m: oauth2({ priority: 3, client: "m2m:client", ...options }),
        client: memory({ priority: 2, values: client }),
        lower: memory({ priority: 1, values: { token: "lower" } }),
      },
      credentials: {
        "m2m:client": {
          fields: { client_id: required(), client_secret: required() },
          from: { client: { prefix: "" } },
        },
        "a:subject": { fields: { token: required() }, from: { client: { fields: { token: "client_secret" } } } },
        "a:token": {
          fields: { token: required() },
          from: { m2m: { fields: { token: "access_token" } }, lower: { prefix: "" } },
        },
      },
    } as never,
    host,
  ) as Resolver;
}

/** Asks twice, since the second time something may be held. */
async function checkAnswers(options: Parameters<typeof tokenResolver>[0], { marker, answers }: Case): Promise<Attempt> {
  const host = fuzzHost({ fetch: answering(answers, marker) });
  const resolver = tokenResolver(options, marker, host);
  const first = await attempt(resolver, "a:token", marker, host.events);
  resolver.invalidate("a:token");
  for (const outcome of [first, await attempt(resolver, "a:token", marker, host.events)]) {
    const { ended, degraded, credential } = outcome;
    if (ended === "lower") assert(degraded, "The seed won unnoticed over a token store that is on");
    if (ended !== "m2m") continue;
    const isGiven = answers.some(({ body }) => credential!.get("token") === memberIn(jsonIn(body), "access_token"));
    assert(isGiven, "The token is not the answer's");
    const life = credential!.expiresAt! - host.clock.now();
    assert(life > 0 && life <= DAY, "The token is valid for an impossible time");
  }
  return first;
}

const tokenCases: fc.Arbitrary<Case> = markers.chain((marker) =>
  fc.record({
    marker: fc.constant(marker),
    answers: fc.array(answers(tokenTexts(marker), marker), { minLength: 1, maxLength: 2 }),
  })
);

Deno.test("whatever a token endpoint answers, no message quotes it, and the seed does not take the token's place", async () => {
  await fuzz("token answers", tokenCases, async (input) => {
    const { ended } = await checkAnswers({ tokenEndpoint: `${ISSUER}/token` }, input);
    const [{ status, connection }] = input.answers as [HttpAnswer];
    if ((status !== 200 && status !== 201) || connection !== "kept") assert(ended !== "m2m", "A refusal gave a token");
  });
});

Deno.test("whatever an exchange answers, no message quotes it, and its token is of a type that the chain accepts", async () => {
  const exchange = {
    tokenEndpoint: `${ISSUER}/token`,
    grant: "token_exchange",
    authentication: "none",
    subjectToken: "a:subject",
  } as const;
  const cases = fc.tuple(tokenCases, fc.constantFrom(undefined, true, false));
  await fuzz("exchange answers", cases, async ([input, assumeBearer]) => {
    const options = assumeBearer === undefined ? exchange : { ...exchange, assumeBearer };
    const { ended, credential } = await checkAnswers(options, input);
    if (ended !== "m2m" || assumeBearer) return;
    const types = input.answers.map(({ body }) => memberIn(jsonIn(body), "token_type"));
    const isNamed = types.some((type) => typeof type === "string" && /^\s*(bearer|n_a)\s*$/i.test(type));
    assert(isNamed && credential, "A token without a type was taken for a bearer token");
  });
});

const metadataCases: fc.Arbitrary<Case> = markers.chain((marker) => {
  const token = tokenTexts(marker).map((body): HttpAnswer => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body,
    connection: "kept",
  }));
  return fc.record({
    marker: fc.constant(marker),
    answers: fc.tuple(answers(metadataTexts(ISSUER, marker), marker), token),
  });
});

Deno.test("whatever an issuer's metadata are, no message quotes them, and the secret goes to no address without TLS", async () => {
  await fuzz("issuer metadata", metadataCases, async ({ marker, answers }) => {
    const addresses: string[] = [];
    const next = answering(answers, marker);
    const recording: typeof fetch = (input, init) => {
      addresses.push(String(input));
      return next(input, init);
    };
    const host = fuzzHost({ fetch: recording });
    const { ended, degraded } = await attempt(
      tokenResolver({ issuer: ISSUER }, marker, host),
      "a:token",
      marker,
      host.events,
    );
    if (ended === "lower") assert(degraded, "The seed won unnoticed over a token store that is on");
    for (const address of addresses) assertEquals(new URL(address).protocol, "https:");
  });
});

const refusedCases = markers.chain((marker) =>
  fc.record({
    marker: fc.constant(marker),
    answer: answers(fc.constant(marker.text), marker),
    now: fc.constantFrom(undefined, 0, Date.UTC(2026, 0, 1), -1, 8.64e15, NaN),
  })
);

Deno.test("whatever the headers of a refused request are, the refusal says the status alone, and a time if any", async () => {
  await fuzz("refused requests", refusedCases, ({ marker, answer, now }) => {
    const response = responseOf(answer, marker.text);
    const refusal = httpRefusal(response, now === undefined ? {} : { now });
    assert(isRefusal(refusal));
    assertNoMarker(JSON.stringify(refusal), marker);
    const { retryAfter } = refusal;
    assert(retryAfter === undefined || retryAfter > 0, "The time not to ask again is no time");
    assert(retryAfter === undefined || refusal.outcome === "unavailable");
  });
});
