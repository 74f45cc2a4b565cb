/**
 * Whatever an STS answers, nothing crashes, no message quotes it, no key is another text than what was sent, and the seed
 * is not used unnoticed.
 */
import { assert } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, memory, required, type Resolver } from "../../mod.ts";
import { sts } from "../../src/stores/sts/sts.ts";
import { attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { type FuzzHost, fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { answering, answers } from "../support/fuzz/http_answers.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";
import { stsTexts } from "../support/fuzz/xml_texts.ts";

const DAY = 86_400_000;
const FIELDS = ["access_key", "secret_key", "session_token"] as const;

function keysResolver({ text }: Marker, host: FuzzHost): Resolver {
  const lower = Object.fromEntries(FIELDS.map((field) => [field, "lower"]));
  return createResolver(
    {
      stores: {
        sts: sts({ priority: 3, endpoint: "https://sts.example", webIdentity: "minio:identity" }),
        identity: memory({ priority: 2, values: { token: text } }),
        lower: memory({ priority: 1, values: lower }),
      },
      credentials: {
        "minio:identity": { fields: { token: required() }, from: { identity: { prefix: "" } } },
        "minio:sts": {
          fields: Object.fromEntries(FIELDS.map((field) => [field, required()])),
          from: { sts: true, lower: { prefix: "" } },
        },
      },
    } as never,
    host,
  ) as Resolver;
}

const cases = markers.chain((marker) =>
  fc.record({ marker: fc.constant(marker), answer: answers(stsTexts(marker), marker) })
);

/** What a document has besides markup, so that a key that was cut or stitched together is found. */
function textIn(body: string): string {
  return body.replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>/g, "$1").replace(/\r\n?/g, "\n");
}

Deno.test("whatever an STS answers, no message quotes it, and the seed does not take its keys' place", async () => {
  await fuzz("STS answers", cases, async ({ marker, answer }) => {
    const host = fuzzHost({ fetch: answering([answer], marker) });
    const { ended, degraded, credential } = await attempt(keysResolver(marker, host), "minio:sts", marker, host.events);
    if (ended === "lower") assert(degraded, "The seed won unnoticed over an STS that is on");
    if (ended !== "sts") return;
    assert(answer.status === 200 && answer.connection === "kept", "A refusal gave keys");
    const life = credential!.expiresAt! - host.clock.now();
    assert(life > 0 && life <= DAY, "The keys are valid for an impossible time");
    const text = textIn(answer.body as string);
    for (const field of FIELDS) {
      const value = credential!.get(field) as string;
      assert(!value.includes("&"), "An entity is part of a key");
      assert(
        text.includes(`>${value}<`) || new RegExp(`>\\s*${RegExp.escape(value)}\\s*<`).test(text),
        `${field} is not a text of the answer`,
      );
    }
  });
});
