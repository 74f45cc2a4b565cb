import { denied } from "../../../mod.ts";
import { leaseHarness } from "./desk.ts";
import type { Any, Flaws } from "./flaws.ts";

/** Stores that misuse what they need. */
export const NEEDS_FLAWS: Flaws = {
  "fails in the same way as a credential that it needs, and does not go on without it": [
    [
      "goes on without a client that fails",
      () =>
        leaseHarness(({ look }) => ({
          look: (request, context) =>
            look(
              request,
              { ...context, need: (name: never) => context.need(name).catch(() => undefined as never) } as never,
            ),
        })),
      /to fail as its need\("login"\) does, not to go on as if that were left out/,
    ],
    [
      "takes a client that fails for one that was left out",
      () =>
        leaseHarness(({ look }) => ({
          look: async (request, context) => {
            const client = await context.need("client").catch(() => undefined);
            return await look(request, {
              ...context,
              signal: context.signal,
              need: (name: Any) => name === "client" ? Promise.resolve(client) : context.need(name),
            } as never);
          },
        })),
      /to fail as its need\("client"\) does/,
    ],
    [
      "takes an outage of a login for a denial",
      () =>
        leaseHarness(({ look }) => ({
          look: async (request, context) =>
            await context.need("login").then(() => look(request, context), () => denied("not logged in")),
        })),
      /to fail as its need\("login"\) does/,
    ],
  ],
  "works, or refuses with a reason, without an optional need": [
    [
      "uses a client that was left out",
      () =>
        leaseHarness(({ look }) => ({
          look: async (request, context) => {
            (await context.need("client") as Any).get("id");
            return await look(request, context);
          },
        })),
      /to work or to refuse, not to throw, if need\("client"\) gives undefined/,
    ],
  ],
  "gives what expires with a need that binds": [
    [
      "asks for its login once",
      () => leaseHarness(({ desk }) => ({ look: () => ({ values: { ...desk.values }, expiresIn: 3_600 }) })),
      /call need\("login"\) in each look-up that obtains, not once/,
    ],
  ],
  "gives another answer when the value of a need that binds changes": [
    [
      "renews with another login",
      () =>
        leaseHarness(({ look }) => ({
          look: async (request, context) =>
            context.previous ? await context.need("login") && context.previous : await look(request, context),
        })),
      /another answer once need\("login"\) gives another value: do not renew what was obtained with the old one/,
    ],
    [
      "is tried with a login that is always the same",
      () => ({
        ...leaseHarness(),
        needs: { "desk:login": () => ({ token: "same" }), "desk:client": () => ({ id: "x" }) },
      }),
      /a harness whose needs give other values of "desk:login" at each call/,
    ],
  ],
};
