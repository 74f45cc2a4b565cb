import { assertMatch, assertRejects } from "@std/assert";
import { answer, type AnswerOptions, denied, invalid, type Permissions, type Token } from "../../mod.ts";
import { conformance, type ConformanceLimit, type StoreHarness } from "../../src/testing/mod.ts";
import {
  type LeaseFlaw,
  leaseHarness,
  type LeaseStore,
  type MayWrite,
  variablesHarness,
  writtenHarness,
} from "../support/stand_ins/desk.ts";

type Open = () => StoreHarness;

const NO_FAULT = ["deny", "break", "disconnect", "stall"] as const;

const byVersion: MayWrite = (now, before) => before.version === now.version;
const byValue: MayWrite = (now, before) => JSON.stringify(now.value) === JSON.stringify(before.value);

const CORRECT: readonly (readonly [string, Open, readonly ConformanceLimit[]])[] = [
  ["variables that are read at once", variablesHarness, []],
  ["leases that end with a login and when they are closed", leaseHarness, ["part"]],
  ["a document that is written by its version", () => writtenHarness(byVersion), NO_FAULT],
  ["a document that is written by its value", () => writtenHarness(byValue, false), NO_FAULT],
];

for (const [what, open, cannot] of CORRECT) {
  Deno.test(`conformance() passes a correct store of ${what}`, async () => {
    for (const { name, run } of conformance("desk", open, cannot)) {
      await run().catch((error) => {
        throw new Error(`${name}: ${error.message}`);
      });
    }
  });
}

/** A store of variables that says this of what it gives. */
const saying = (known: (calls: number) => object): Open => () => {
  let calls = 0;
  return variablesHarness(({ look }) => ({
    read: undefined,
    look: async (name: string, context: never) => {
      const { value } = await look(name, context) as { value: string | undefined };
      return answer(value, known(calls++) as AnswerOptions);
    },
  }));
};

/** A store of tokens with this lifetime. */
const living = (lifetime: object): Open => () =>
  leaseHarness(({ look }) => ({
    look: async (request, context) => ({ values: (await look(request, context) as Token).values, ...lifetime }),
  }));

const reading =
  (read: (correct: Parameters<Parameters<typeof variablesHarness>[0] & object>[0]) => unknown): Open => () =>
    variablesHarness((correct) => ({ read: read(correct) }));

const leasing = (flaw: (correct: LeaseStore) => LeaseFlaw): Open => () => leaseHarness(flaw);

const permitting = (permissions: () => unknown): Open => () =>
  variablesHarness(undefined, permissions as () => Permissions);

const needing = (needs: StoreHarness["needs"]): Open => () => ({ ...leaseHarness(), ...(needs && { needs }) });

// deno-lint-ignore no-explicit-any
type Any = any;

/** Each check of what a store may do besides looking up, with the faults that it finds, and what it says of them. */
const FLAWS: Readonly<Record<string, readonly (readonly [string, Open, RegExp])[]>> = {
  "says when what it gives expires, which is a time in the future": [
    [
      "gives an expiry in seconds",
      saying(() => ({ expiresAt: Date.now() / 1_000 + 60 })),
      /in milliseconds since 1970/,
    ],
    ["gives what has expired", saying(() => ({ expiresAt: Date.now() - 1 })), /a number in the future/],
    ["gives an expiry as text", saying(() => ({ expiresAt: "2099-01-01" })), /a number in the future/],
    ["gives an expiry that is not a number", saying(() => ({ expiresAt: NaN })), /leave it out where none is known/],
    ["gives an age below 0", saying(() => ({ age: -1 })), /an age of 0 or more, in milliseconds/],
    ["gives tokens of 0 s for ever", living({ expiresIn: 0 }), /above 0; expires: "never" where it does not expire/],
    ["gives tokens of less than 0 s", living({ expiresIn: -1 }), /seconds above 0/],
    ["gives tokens of NaN s", living({ expiresIn: NaN }), /seconds above 0/],
    ["gives tokens of Infinity s", living({ expiresIn: Infinity }), /seconds above 0/],
    ["gives a lifetime in words", living({ expiresIn: "1h" }), /seconds above 0/],
    ["gives tokens that have expired", living({ expiresAt: 1 }), /expiresAt to be a number in the future/],
    ["gives tokens that expire in seconds since 1970", living({ expiresAt: Date.now() / 1_000 + 60 }), /milliseconds/],
    ["gives another word for never", living({ expires: "Never" }), /expires to be "never", or left out/],
  ],
  "gives versions that are texts or numbers": [
    ["gives an empty version", saying(() => ({ version: "" })), /a number or a text which is not empty/],
    ["gives NaN as a version", saying(() => ({ version: NaN })), /leave it out where none is known/],
    ["gives an object as a version", saying(() => ({ version: {} })), /a number or a text/],
  ],
  "gives another version after a change, and the same one without": [
    ["gives one version for ever", saying(() => ({ version: 1 })), /another version after a change/],
    ["gives a new version each time", saying((version) => ({ version })), /the same version while nothing changes/],
  ],
  "reads all names at once as it looks up each, where it can": [
    [
      "gives a missing name as an empty text",
      reading(({ read }) => async (names: never, context: never) => {
        const all = await read(names, context) as Any;
        return Object.fromEntries(Object.entries<Any>(all).map(([name, { value }]) => [name, value ?? ""]));
      }),
      /for each name what its look-up gives/,
    ],
    [
      "gives no version then",
      reading(({ read }) => async (names: never, context: never) => {
        const all = await read(names, context) as Any;
        return Object.fromEntries(Object.entries<Any>(all).map(([name, { value }]) => [name, value]));
      }),
      /for each name what its look-up gives/,
    ],
    [
      "leaves the last name out",
      reading(({ read }) => (names: Any, context: never) => read(names.slice(0, 1) as never, context)),
      /for each name/,
    ],
    [
      "throws where a name is not there",
      reading(({ read }) => async (names: Any, context: never) => {
        const all = await read(names, context) as Any;
        for (const name of names) all[name].value.trim();
        return all;
      }),
      /the values by name where the look-up gives them/,
    ],
  ],
  "reads all names in fewer requests than one for each, where it can read them at once": [
    [
      "asks for one name after the other",
      reading(({ look }) => async (names: readonly string[], context: never) => {
        const all: Record<string, unknown> = {};
        for (const name of names) all[name] = await look(name, context);
        return all;
      }),
      /in one request, not one after the other/,
    ],
  ],
  "refuses after deny what it reads at once as what it looks up, where it can": [
    [
      "gives nothing where it is denied",
      readingNothing("denied"),
      /read\(\) to refuse with denied, the whole or that name/,
    ],
  ],
  "refuses after break what it reads at once as what it looks up, where it can": [
    ["gives nothing where that is invalid", readingNothing("invalid"), /read\(\) to refuse with invalid/],
  ],
  "refuses after disconnect what it reads at once as what it looks up, where it can": [
    ["gives nothing in an outage", readingNothing("unavailable"), /read\(\) to refuse with unavailable/],
    [
      "throws in an outage",
      reading(({ read }) => async (names: never, context: never) => {
        await Promise.resolve(read(names, context)).catch(() => {
          throw new Error("no connection");
        });
        return await read(names, context);
      }),
      /read\(\) to refuse with unavailable/,
    ],
  ],
  "ends its requests when the time of a look-up is up": [
    [
      "reads without the signal",
      () =>
        variablesHarness((_, { fetch }) => ({
          read: async () => (await fetch("https://desk.example/?name=user")).json(),
        })),
      /each request to be sent with the signal of its look-up/,
    ],
    [
      "looks up without the signal",
      leasing(({ fetch }) => ({ look: () => fetch("https://desk.example/leases", { method: "POST" }) })),
      /aborted when its time is up/,
    ],
  ],
  "fails as a credential fails that it needs, and does not go on without it": [
    [
      "goes on without a client that fails",
      leasing(({ look }) => ({
        look: (request, context) =>
          look(
            request,
            { ...context, need: (name: never) => context.need(name).catch(() => undefined as never) } as never,
          ),
      })),
      /need\("login"\) fails to fail as that does, not to go on as if it was left out/,
    ],
    [
      "takes a client that fails for one that was left out",
      leasing(({ look }) => ({
        look: async (request, context) => {
          const client = await context.need("client").catch(() => undefined);
          return await look(request, {
            ...context,
            signal: context.signal,
            need: (name: Any) => name === "client" ? Promise.resolve(client) : context.need(name),
          } as never);
        },
      })),
      /need\("client"\) fails/,
    ],
    [
      "takes an outage of a login for a denial",
      leasing(({ look }) => ({
        look: async (request, context) =>
          await context.need("login").then(() => look(request, context), () => denied("not logged in")),
      })),
      /need\("login"\) fails to fail as that does/,
    ],
  ],
  "works or refuses in words without an optional need": [
    [
      "uses a client that was left out",
      leasing(({ look }) => ({
        look: async (request, context) => {
          (await context.need("client") as Any).get("id");
          return await look(request, context);
        },
      })),
      /works or refuses, and does not throw, where need\("client"\) gives undefined/,
    ],
  ],
  "gives what ends with a need that binds": [
    [
      "asks for its login once",
      leasing(({ desk }) => ({ look: () => ({ values: { ...desk.values }, expiresIn: 3_600 }) })),
      /call need\("login"\) in each look-up that obtains, not once/,
    ],
  ],
  "gives another answer with another value of a need that binds": [
    [
      "renews with another login",
      leasing(({ look }) => ({
        look: async (request, context) =>
          context.previous ? await context.need("login") && context.previous : await look(request, context),
      })),
      /another answer once need\("login"\) gives another value: do not renew what was obtained with the former/,
    ],
    [
      "is tried with a login that is always the same",
      needing({ "desk:login": () => ({ token: "same" }), "desk:client": () => ({ id: "x" }) }),
      /a harness whose needs give other values of "desk:login" at each call/,
    ],
  ],
  "closes in time and without an error, also a second time": [
    [
      "throws while it closes",
      leasing(() => ({ close: () => Promise.reject(new Error("a bug")) })),
      /close\(\) not to throw, since a resolver ignores that/,
    ],
    ["never ends closing", leasing(() => ({ close: () => new Promise(() => {}) })), /close\(\) to end$/],
    [
      "throws where it was closed before",
      leasing(({ close }) => {
        let open = true;
        return { close: (context) => open ? (open = false, close(context)) : Promise.reject(new Error("closed")) };
      }),
      /also when it is called again/,
    ],
  ],
  "closes without an error although nothing was looked up": [
    [
      "throws where there is nothing to end",
      leasing(({ look, close }) => {
        let last: Promise<unknown> | undefined;
        return {
          look: (request, context) => last = Promise.resolve(look(request, context)),
          close: (context) => last!.then(() => close(context)),
        };
      }),
      /close\(\) not to throw/,
    ],
  ],
  "closes without an error although what it needs is not held": [
    [
      "ends with a login that may be gone",
      leasing(({ close }) => ({ close: (context) => context.need("login")!.get("token") && close(context) })),
      /close\(\) not to throw/,
    ],
  ],
  "ends closing when the time for that is up": [
    [
      "closes without the signal",
      leasing(({ close }) => ({ close: () => close({ signal: new AbortController().signal } as never) })),
      /close\(\) to end once its signal is aborted: give the signal to each request/,
    ],
  ],
  "ends all that it obtained when it is closed": [
    ["leaves its leases", leasing(() => ({ close: () => {} })), /close\(\) to end all that the store obtained/],
    [
      "is tried without a count of leases",
      () => ({ ...leaseHarness(), leases: undefined! }),
      /a harness with leases\(\), or "leases" among the limits/,
    ],
    [
      "is tried with a count of nothing",
      () => ({ ...leaseHarness(), leases: () => 0 }),
      /leases\(\) to count what the store obtained/,
    ],
  ],
  "ends by itself what arrives after it was closed": [
    [
      "leaves what arrives late",
      leasing(({ fetch, desk }) => ({
        look: async (_, { signal, need }) => {
          await need("login");
          await fetch("https://desk.example/leases", { method: "POST", signal });
          return { values: desk.values, expiresIn: 3_600 };
        },
        close: () => {},
      })),
      /to be ended by the store itself: remember that it was closed/,
    ],
    [
      "throws then",
      leasing(({ look }) => {
        let closed = false;
        return {
          look: async (request, context) => {
            const found = await look(request, context);
            if (closed) throw new Error("closed");
            return found;
          },
          close: () => void (closed = true),
        };
      }),
      /a look-up that is closed meanwhile not to throw/,
    ],
    [
      "never answers then",
      leasing(({ look }) => {
        let closed = false;
        return {
          look: async (request, context) => {
            const found = await look(request, context);
            return closed ? await new Promise(() => {}) : found;
          },
          close: () => void (closed = true),
        };
      }),
      /a look-up that is closed meanwhile to end/,
    ],
  ],
  "says without being opened which permissions it needs, each as the runtime takes it": [
    [
      "gives a URL as a host",
      permitting(() => ({ net: ["https://desk.example"] })),
      /net as a list of hosts, with a port/,
    ],
    ["gives no host where its URL is not known", permitting(() => ({ net: [undefined] })), /net as a list of hosts/],
    [
      "gives a program with its arguments",
      permitting(() => ({ run: ["op read"] })),
      /run as a list of programs, without arguments/,
    ],
    ["gives a name and not a list", permitting(() => ({ env: "HOME" })), /env as a list of names of variables/],
    ["gives an empty path", permitting(() => ({ read: [""] })), /read as a list of paths/],
    [
      "gives a permission that there is not",
      permitting(() => ({ network: ["desk.example"] })),
      /permissions\(\) of env, read, net, run/,
    ],
    ["has to wait for them", permitting(() => Promise.resolve({})), /permissions\(\) to return at once/],
  ],
  "needs no variable and no host but those that its permissions have": [
    [
      "asks a host that is not declared",
      permitting(() => ({ net: ["other.example"] })),
      /each host that is asked in net/,
    ],
    ["reads a variable that is not declared", () =>
      variablesHarness((correct, { variable }) => ({
        read: async (names: never, context: never) => (await variable("DESK_REGION"), correct.read(names, context)),
      }), () => ({ net: ["desk.example"] })), /each variable that is read in env/],
  ],
  "writes over what its look-up gave, and not over a change that came first": [
    [
      "writes whatever was before",
      () => writtenHarness(() => true),
      /write\(\) to return false, and to write nothing, where another change came first/,
    ],
    ["writes nothing", () => writtenHarness(() => undefined), /the look-up to give what was written/],
    ["never writes", () => writtenHarness(() => false), /write\(\) to write over what the look-up gave/],
    [
      "refuses where another change came first",
      () => writtenHarness((now, before) => byVersion(now, before) || invalid("another change came first")),
      /to write or to return false, not to refuse/,
    ],
  ],
  "writes where there is nothing once, and not over what another writer created": [
    [
      "takes nothing for anything",
      () => writtenHarness((now, before) => before.value === undefined || byVersion(now, before)),
      /where another change came first/,
    ],
    [
      "cannot create",
      () => writtenHarness((now, before) => now.value !== undefined && byVersion(now, before)),
      /write\(\) to write where the look-up gave nothing/,
    ],
  ],
  "writes nothing over a change that was made and undone, where it gives versions": [
    [
      "compares only the value",
      () => writtenHarness(byValue),
      /write\(\) to compare before\.version, not only the value/,
    ],
  ],
};

/** A store that gives nothing where its look-up refuses with an outcome. */
function readingNothing(outcome: string): Open {
  return reading(({ read }) => async (names: never, context: never) => {
    const all = await Promise.resolve(read(names, context)).catch((refusal) => refusal) as Any;
    return all.outcome === outcome ? {} : all;
  });
}

for (const [check, flaws] of Object.entries(FLAWS)) {
  for (const [flaw, open, message] of flaws) {
    Deno.test(`conformance() fails a store that ${flaw}`, async () => {
      const { run } = conformance("desk", open, [], { timeout: 500 }).find(({ name }) => name === `desk ${check}`)!;
      const error = await assertRejects(run, Error);
      assertMatch(error.message, message);
    });
  }
}

Deno.test("conformance() says which needs a harness lacks", async () => {
  const [check] = conformance("desk", needing({}));
  const error = await assertRejects(check!.run, Error);
  assertMatch(error.message, /a harness with the values of "desk:login", which the store needs, in needs/);
});
