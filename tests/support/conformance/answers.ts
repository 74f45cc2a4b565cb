import { answer, type AnswerOptions, type Token } from "../../../mod.ts";
import { leaseHarness, variablesHarness } from "./desk.ts";
import type { Flaws, Open } from "./flaws.ts";

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

/** Stores that say what cannot be of what they give. */
export const ANSWERS_FLAWS: Flaws = {
  "gives valid ages, and expiry times in the future": [
    [
      "gives an expiry in seconds",
      saying(() => ({ expiresAt: Date.now() / 1_000 + 60 })),
      /in milliseconds since 1970/,
    ],
    ["gives what has expired", saying(() => ({ expiresAt: Date.now() - 1 })), /a number in the future/],
    ["gives an expiry as text", saying(() => ({ expiresAt: "2099-01-01" })), /a number in the future/],
    ["gives an expiry that is not a number", saying(() => ({ expiresAt: NaN })), /leave it out if none is known/],
    ["gives an age below 0", saying(() => ({ age: -1 })), /an age of 0 or more, in milliseconds/],
    ["gives tokens of 0 s for ever", living({ expiresIn: 0 }), /above 0; expires: "never" if it does not expire/],
    ["gives tokens of less than 0 s", living({ expiresIn: -1 }), /seconds above 0/],
    ["gives tokens of NaN s", living({ expiresIn: NaN }), /seconds above 0/],
    ["gives tokens of Infinity s", living({ expiresIn: Infinity }), /seconds above 0/],
    ["gives a lifetime in words", living({ expiresIn: "1h" }), /seconds above 0/],
    ["gives tokens that have expired", living({ expiresAt: 1 }), /expiresAt to be a number in the future/],
    ["gives tokens that expire in seconds since 1970", living({ expiresAt: Date.now() / 1_000 + 60 }), /milliseconds/],
    ["gives another word for never", living({ expires: "Never" }), /expires to be "never", or left out/],
  ],
  "never gives an expired value as valid, even during an outage": [
    ["gives again during an outage what it had, as if it was new", () =>
      leaseHarness(({ look }) => {
        let last: Token | undefined;
        return {
          look: async (request, context) =>
            last = await Promise.resolve(look(request, context)).catch(() => last) as Token,
        };
      }), /nothing after its expiry: do not give again what was obtained before/],
    ["gives again during an outage a value that expired", () => {
      let last: unknown;
      return variablesHarness(({ look }) => ({
        read: undefined,
        look: async (name: string, context: never) => {
          const found = await Promise.resolve(look(name, context)).catch(() => undefined) as { value?: string };
          return found
            ? last = answer(found.value, { expiresAt: Date.now() + 60_000 })
            : (last as { value: string }).value;
        },
      }));
    }, /nothing after its expiry/],
  ],
  "gives versions that are texts or numbers": [
    ["gives an empty version", saying(() => ({ version: "" })), /a number or a non-empty string/],
    ["gives NaN as a version", saying(() => ({ version: NaN })), /leave it out if none is known/],
    ["gives an object as a version", saying(() => ({ version: {} })), /a number or a non-empty string/],
  ],
  "gives another version after a change, and otherwise the same one": [
    ["gives one version for ever", saying(() => ({ version: 1 })), /another version after a change/],
    ["gives a new version each time", saying((version) => ({ version })), /the same version while nothing changes/],
  ],
};
