import { assert, assertEquals, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import { createResolver, fromEnv, memory, optional, required, type Resolver } from "../../../mod.ts";
import { validateChain } from "../../../src/report/mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const SECRET = "hunter2";
const URI = "urn:ietf:params:oauth:token-type:jwt";

type Options = Readonly<Record<string, unknown>>;

/** Creates a chain of a store that exchanges, presents or asserts what is in memory. */
function chainOf(options: Options, request: object = {}): never {
  const held = (name: string) => ({ fields: { token: required() }, from: { memory: { fields: { token: name } } } });
  return {
    stores: {
      login: oauth2({ priority: 2, tokenEndpoint: "https://sso.example/token", ...options } as never),
      memory: memory({
        priority: 1,
        values: { client_id: "id", client_secret: SECRET, token: SECRET, other: SECRET, number: 7 as never },
      }),
    },
    credentials: {
      "own:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "own:subject": held("token"),
      "own:other": held("other"),
      "own:token": {
        fields: { token: required() },
        from: { login: { ...request, fields: { token: "access_token" } } },
      },
    },
  } as never;
}

const CLIENT = { client: "own:client" };
const EXCHANGE = { grant: "token_exchange", subjectToken: "own:subject" };
const BEARER = { grant: "jwt_bearer", assertion: "own:subject" };
const ASSERTED = { authentication: "client_assertion", clientAssertion: "own:other" };
const NONE = { authentication: "none" };

/** The combinations of options that would ask for another identity than somebody meant, or for none. */
const MISTAKES: readonly (readonly [message: string, options: Options])[] = [
  ["grant: Expected client_credentials, token_exchange, jwt_bearer", { ...CLIENT, grant: "password" }],
  [
    'subjectToken: Belongs to grant: "token_exchange": set that, or remove this',
    { ...CLIENT, subjectToken: "own:subject" },
  ],
  ['actorToken: Belongs to grant: "token_exchange": set that, or remove this', {
    ...CLIENT,
    ...BEARER,
    actorToken: "own:other",
  }],
  ['subjectTokenType: Belongs to grant: "token_exchange": set that, or remove this', {
    ...CLIENT,
    subjectTokenType: URI,
  }],
  ['requestedTokenType: Belongs to grant: "token_exchange": set that, or remove this', {
    ...CLIENT,
    requestedTokenType: URI,
  }],
  ['actorTokenType: Belongs to grant: "token_exchange": set that, or remove this', { ...CLIENT, actorTokenType: URI }],
  ["actorTokenType: Belongs to an actorToken: give that, or remove this", {
    ...CLIENT,
    ...EXCHANGE,
    actorTokenType: URI,
  }],
  ["subjectTokenType: Expected a URI, such as urn:ietf:params:oauth:token-type:jwt", {
    ...CLIENT,
    ...EXCHANGE,
    subjectTokenType: "jwt",
  }],
  ['assertion: Belongs to grant: "jwt_bearer": set that, or remove this', { ...CLIENT, assertion: "own:subject" }],
  ['subjectToken: Expected the key of a credential with token, which grant: "token_exchange" sends', {
    ...CLIENT,
    grant: "token_exchange",
  }],
  ['assertion: Expected the key of a credential with token, which grant: "jwt_bearer" sends', {
    ...CLIENT,
    grant: "jwt_bearer",
  }],
  ["clientAssertion: Expected the key of a credential with token, which the client authenticates with", {
    ...CLIENT,
    authentication: "client_assertion",
  }],
  ['clientAssertion: Belongs to authentication: "client_assertion": set that, or remove this', {
    ...CLIENT,
    clientAssertion: "own:other",
  }],
  ['client: Expected the key of a credential with client_id, or authentication: "client_assertion"', {}],
  [
    'client: Expected the key of a credential with client_id, or authentication: "client_assertion" or "none"',
    EXCHANGE,
  ],
  ['authentication: Expected another one than "none", unless grant is another one too', { ...CLIENT, ...NONE }],
  ['The credential "own:client" has no field token, which this store needs', {
    ...CLIENT,
    ...EXCHANGE,
    subjectToken: "own:client",
  }],
];

Deno.test("a chain does not compile where a token would be asked for in another way than its options say", async (t) => {
  for (const [message, options] of MISTAKES) {
    await t.step(message, () => {
      for (const check of [() => createResolver(chainOf(options)), () => validateChain(chainOf(options))]) {
        const error = assertThrows(check, Error);
        assert(error.message.includes(message), error.message);
        assert(!inspect(error, { depth: 9 }).includes(SECRET));
      }
    });
  }
});

Deno.test("what a variable decides is checked before a request is sent", async (t) => {
  const cases: readonly (readonly [string, Options, Record<string, string>])[] = [
    ["grant: Expected client_credentials, token_exchange, jwt_bearer", { ...CLIENT, grant: fromEnv("GRANT") }, {
      GRANT: SECRET,
    }],
    [
      'subjectToken: Belongs to grant: "token_exchange": set that, or remove this',
      { ...CLIENT, subjectToken: "own:subject", grant: fromEnv("GRANT", "") },
      {},
    ],
    [
      'clientAssertion: Belongs to authentication: "client_assertion": set that, or remove this',
      { ...CLIENT, clientAssertion: "own:other", authentication: fromEnv("HOW", "") },
      {},
    ],
    [
      'authentication: Expected another one than "none", unless grant is another one too',
      { ...CLIENT, authentication: fromEnv("HOW") },
      { HOW: "none" },
    ],
    [
      "subjectTokenType: Expected a URI, such as urn:ietf:params:oauth:token-type:jwt",
      { ...CLIENT, ...EXCHANGE, subjectTokenType: fromEnv("TYPE") },
      { TYPE: SECRET },
    ],
  ];
  for (const [detail, options, env] of cases) {
    await t.step(detail, async () => {
      const host = { env, fetch: () => Promise.reject(new Error("asked")) };
      const resolver = createResolver(chainOf(options), host) as Resolver;
      const { code, message } = await rejection(resolver.resolve("own:token"));
      assertEquals([code, message], ["invalid", `Cannot resolve "own:token": "login" is invalid: ${detail}`]);
    });
  }
});

Deno.test("a mapping cannot ask for what its store's grant does not send", async () => {
  const cases: readonly (readonly [string, Options, object])[] = [
    ['requestedTokenType: Belongs to grant: "token_exchange": set that, or remove this', CLIENT, {
      requestedTokenType: URI,
    }],
    ["actorTokenType: Belongs to an actorToken: give that, or remove this", { ...CLIENT, ...EXCHANGE }, {
      actorTokenType: URI,
    }],
  ];
  for (const [detail, options, request] of cases) {
    const host = { env: {}, fetch: () => Promise.reject(new Error("asked")) };
    const { message } = await rejection(
      (createResolver(chainOf(options, request), host) as Resolver).resolve("own:token"),
    );
    assertEquals(message, `Cannot resolve "own:token": "login" is invalid: ${detail}`);
  }
});

Deno.test("a client whose id is optional and not there, or is no text, is not asked for as another one", async () => {
  const values = { client_secret: SECRET, token: SECRET, private_key: SECRET };
  const identity = { "~standard": { version: 1, vendor: "own", validate: () => ({ value: { id: SECRET } }) } } as const;
  for (
    const [client_id, own] of [[optional(), {}], [optional(), { client_id: " " }], [required(identity), {
      client_id: "id",
    }]] as const
  ) {
    for (
      const options of [
        {},
        { authentication: "client_secret_post" },
        { authentication: "private_key_jwt" },
        { ...EXCHANGE, ...NONE },
        { ...ASSERTED },
      ]
    ) {
      const { stores, credentials } = chainOf({ ...CLIENT, ...options }) as Options as Record<string, object>;
      const client = {
        fields: { client_id, client_secret: optional(), private_key: optional() },
        from: { memory: { prefix: "" } },
      };
      const chain = {
        stores: { ...stores, memory: memory({ priority: 1, values: { ...values, other: SECRET, ...own } }) },
        credentials: { ...credentials, "own:client": client },
      };
      const host = { env: {}, fetch: () => Promise.reject(new Error("asked")) };
      const thrown = await rejection((createResolver(chain as never, host) as Resolver).resolve("own:token"));
      assertEquals(
        thrown.message,
        'Cannot resolve "own:token": "login" is invalid: client_id of "own:client" from "memory" is not text',
      );
      assert(!inspect(thrown, { depth: 9 }).includes(SECRET));
    }
  }
});

const SUBJECT = '"own:subject" from "memory"';
const OTHER = '"own:other" from "memory"';
const ID = '"own:client" from "memory"';

type Answered = readonly [options: Options, status: number, body: object, outcome: string, detail: string];

const error = (code: string) => ({ error: code, error_description: SECRET });
const good = { access_token: SECRET, issued_token_type: URI };

/** What a server answers, and whom the message names. */
const ANSWERS: readonly Answered[] = [
  [
    { ...EXCHANGE, ...CLIENT },
    400,
    error("invalid_grant"),
    "denied",
    `${SUBJECT} was refused (HTTP 400, invalid_grant)`,
  ],
  [
    { ...EXCHANGE, ...CLIENT, actorToken: "own:other" },
    400,
    error("invalid_request"),
    "denied",
    `${SUBJECT} with ${OTHER} was refused (HTTP 400, invalid_request), or a parameter of the request is wrong`,
  ],
  [
    { ...EXCHANGE, ...NONE },
    401,
    error("invalid_client"),
    "denied",
    "the request was refused (HTTP 401, invalid_client): the server expects a client",
  ],
  [{ ...EXCHANGE, ...NONE }, 401, {}, "denied", `${SUBJECT} was refused (HTTP 401)`],
  [
    { ...EXCHANGE, ...NONE, ...CLIENT },
    401,
    error("invalid_client"),
    "denied",
    `${ID} was refused (HTTP 401, invalid_client)`,
  ],
  [
    { ...EXCHANGE, ...CLIENT },
    403,
    error("access_denied"),
    "denied",
    `${ID} with ${SUBJECT} was refused (HTTP 403, access_denied)`,
  ],
  [
    { ...EXCHANGE, ...CLIENT },
    400,
    error("unauthorized_client"),
    "denied",
    `${ID} was refused (HTTP 400, unauthorized_client)`,
  ],
  [{ ...EXCHANGE, ...CLIENT }, 400, error("invalid_target"), "invalid", "the server answered HTTP 400, invalid_target"],
  [
    { ...EXCHANGE, ...CLIENT },
    400,
    error("unsupported_grant_type"),
    "invalid",
    "the server answered HTTP 400, unsupported_grant_type",
  ],
  [
    { ...EXCHANGE, ...CLIENT },
    503,
    error("invalid_request"),
    "unavailable",
    "the server answered HTTP 503, invalid_request",
  ],
  [
    { ...EXCHANGE, ...CLIENT },
    200,
    good,
    "invalid",
    "the answer has no token_type: assumeBearer: true takes its token for a bearer token",
  ],
  [
    { ...BEARER, ...NONE },
    200,
    { ...good, token_type: "N_A" },
    "invalid",
    "the token_type of the answer is not Bearer: tokenTypes can allow another one",
  ],
  [
    { ...EXCHANGE, ...CLIENT, audience: "other" },
    400,
    error("invalid_client"),
    "denied",
    `${ID} was refused (HTTP 400, invalid_client), or the audience is not known`,
  ],
  [{ ...BEARER, ...NONE }, 400, error("invalid_grant"), "denied", `${SUBJECT} was refused (HTTP 400, invalid_grant)`],
  [{ ...BEARER, ...NONE }, 400, error("invalid_request"), "invalid", "the server answered HTTP 400, invalid_request"],
  [
    ASSERTED,
    401,
    error("invalid_client"),
    "denied",
    `${OTHER} was refused (HTTP 401, invalid_client): the server may expect another issuer, subject or audience`,
  ],
  [
    { ...ASSERTED, ...CLIENT },
    400,
    error("invalid_client"),
    "denied",
    `${OTHER} with ${ID} was refused (HTTP 400, invalid_client): the server may expect another issuer, subject or audience`,
  ],
];

Deno.test("whom a server refuses is named, and nothing that it says is shown", async (t) => {
  for (const [options, status, body, outcome, detail] of ANSWERS) {
    await t.step(`${options.grant ?? "client_credentials"}, ${status}: ${detail}`, async () => {
      const fetch = () => Promise.resolve(Response.json(body, { status }));
      const resolver = createResolver(chainOf(options), { env: {}, fetch }) as Resolver;
      const { code, message, trace } = await rejection(resolver.resolve("own:token"));
      assertEquals([code, message], [outcome, `Cannot resolve "own:token": "login" is ${outcome}: ${detail}`]);
      assert(!inspect(trace, { depth: 9 }).includes(SECRET));
    });
  }
});

Deno.test("a token of an exchange counts by what its answer says it is, or by what the chain says", async () => {
  const cases: readonly (readonly [Options, object])[] = [
    [{ ...EXCHANGE, ...CLIENT }, { token_type: "Bearer" }],
    [{ ...EXCHANGE, ...CLIENT }, { token_type: "n_a" }],
    [{ ...EXCHANGE, ...CLIENT, assumeBearer: true }, {}],
    [{ ...BEARER, ...NONE }, {}],
  ];
  for (const [options, members] of cases) {
    const fetch = () => Promise.resolve(Response.json({ ...good, ...members }));
    const resolver = createResolver(chainOf(options), { env: {}, fetch }) as Resolver;
    assertEquals((await resolver.resolve("own:token")).get("token"), SECRET);
  }
});

Deno.test("a request has exactly the parameters of its grant, and names a client only where the chain does", async () => {
  const cases: readonly (readonly [Options, string])[] = [
    [{ ...EXCHANGE, ...NONE }, "grant_type subject_token subject_token_type"],
    [{ ...EXCHANGE, ...NONE, ...CLIENT }, "client_id grant_type subject_token subject_token_type"],
    [
      { ...EXCHANGE, ...NONE, actorToken: "own:other", requestedTokenType: URI, scope: "a" },
      "actor_token actor_token_type grant_type requested_token_type scope subject_token subject_token_type",
    ],
    [{ ...BEARER, ...NONE }, "assertion grant_type"],
    [ASSERTED, "client_assertion client_assertion_type grant_type"],
    [{ ...ASSERTED, ...CLIENT }, "client_assertion client_assertion_type client_id grant_type"],
    [
      { ...EXCHANGE, ...ASSERTED },
      "client_assertion client_assertion_type grant_type subject_token subject_token_type",
    ],
  ];
  for (const [options, expected] of cases) {
    let names = "";
    const fetch: typeof globalThis.fetch = (_, init) => {
      names = [...(init!.body as URLSearchParams).keys()].sort().join(" ");
      assertEquals(new Headers(init!.headers).has("authorization"), false);
      return Promise.resolve(Response.json({ ...good, token_type: "Bearer" }));
    };
    const resolver = createResolver(chainOf(options), { env: {}, fetch }) as Resolver;
    await resolver.resolve("own:token");
    assertEquals(names, expected);
  }
});
