import { leaseHarness, variablesHarness } from "./desk.ts";
import type { Any, Flaws, Open } from "./flaws.ts";

const reading =
  (read: (correct: Parameters<Parameters<typeof variablesHarness>[0] & object>[0]) => unknown): Open => () =>
    variablesHarness((correct) => ({ read: read(correct) }));

/** Stores that read all names otherwise than each. */
export const READS_FLAWS: Flaws = {
  "reads all names at once with the same result as one by one, if it can": [
    [
      "gives a missing name as an empty text",
      reading(({ read }) => async (names: never, context: never) => {
        const all = await read(names, context) as Any;
        return Object.fromEntries(Object.entries<Any>(all).map(([name, { value }]) => [name, value ?? ""]));
      }),
      /the same for each name as its look-up/,
    ],
    [
      "gives no version then",
      reading(({ read }) => async (names: never, context: never) => {
        const all = await read(names, context) as Any;
        return Object.fromEntries(Object.entries<Any>(all).map(([name, { value }]) => [name, value]));
      }),
      /the same for each name as its look-up/,
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
      /the values by name if the look-up gives them/,
    ],
  ],
  "reads all names at once in fewer requests than one by one, if it can": [
    [
      "asks for one name after the other",
      reading(({ look }) => async (names: readonly string[], context: never) => {
        const all: Record<string, unknown> = {};
        for (const name of names) all[name] = await look(name, context);
        return all;
      }),
      /in one request, not for one after another/,
    ],
  ],
  "refuses all names at once after deny in the same way as one by one, if it can": [
    [
      "gives nothing where it is denied",
      readingNothing("denied"),
      /read\(\) to refuse all names or this one with denied/,
    ],
  ],
  "refuses all names at once after break in the same way as one by one, if it can": [
    [
      "gives nothing where that is invalid",
      readingNothing("invalid"),
      /read\(\) to refuse all names or this one with invalid/,
    ],
  ],
  "refuses all names at once after disconnect in the same way as one by one, if it can": [
    [
      "gives nothing in an outage",
      readingNothing("unavailable"),
      /read\(\) to refuse all names or this one with unavailable/,
    ],
    [
      "throws in an outage",
      reading(({ read }) => async (names: never, context: never) => {
        await Promise.resolve(read(names, context)).catch(() => {
          throw new Error("no connection");
        });
        return await read(names, context);
      }),
      /read\(\) to refuse all names or this one with unavailable/,
    ],
  ],
  "ends its requests when the time for a look-up is up": [
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
      () => leaseHarness(({ fetch }) => ({ look: () => fetch("https://desk.example/leases", { method: "POST" }) })),
      /aborted when its time is up/,
    ],
  ],
};

/** A store that gives nothing if its look-up refuses with an outcome. */
function readingNothing(outcome: string): Open {
  return reading(({ read }) => async (names: never, context: never) => {
    const all = await Promise.resolve(read(names, context)).catch((refusal) => refusal) as Any;
    return all.outcome === outcome ? {} : all;
  });
}
