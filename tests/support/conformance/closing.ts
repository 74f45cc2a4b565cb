import { leaseHarness } from "./desk.ts";
import type { Flaws } from "./flaws.ts";

/** Stores that end badly. */
export const CLOSING_FLAWS: Flaws = {
  "closes in time and without an error, even a second time": [
    [
      "throws while it closes",
      () => leaseHarness(() => ({ close: () => Promise.reject(new Error("a bug")) })),
      /close\(\) not to throw, since a resolver ignores the error/,
    ],
    ["never ends closing", () => leaseHarness(() => ({ close: () => new Promise(() => {}) })), /close\(\) to end$/],
    [
      "throws where it was closed before",
      () =>
        leaseHarness(({ close }) => {
          let open = true;
          return { close: (context) => open ? (open = false, close(context)) : Promise.reject(new Error("closed")) };
        }),
      /even when it is called again/,
    ],
  ],
  "closes without an error even if nothing was looked up": [
    [
      "throws where there is nothing to end",
      () =>
        leaseHarness(({ look, close }) => {
          let last: Promise<unknown> | undefined;
          return {
            look: (request, context) => last = Promise.resolve(look(request, context)),
            close: (context) => last!.then(() => close(context)),
          };
        }),
      /close\(\) not to throw/,
    ],
  ],
  "closes without an error even if what it needs is not held": [
    [
      "ends with a login that may be gone",
      () =>
        leaseHarness(({ close }) => ({ close: (context) => context.need("login")!.get("token") && close(context) })),
      /close\(\) not to throw/,
    ],
  ],
  "stops closing when its time is up": [
    [
      "closes without the signal",
      () => leaseHarness(({ close }) => ({ close: () => close({ signal: new AbortController().signal } as never) })),
      /close\(\) to end once its signal is aborted: give the signal to each request/,
    ],
  ],
  "ends everything that it obtained when it is closed": [
    [
      "leaves its leases",
      () => leaseHarness(() => ({ close: () => {} })),
      /close\(\) to end everything that the store obtained/,
    ],
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
      () =>
        leaseHarness(({ fetch, desk }) => ({
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
      "leaves what it asks for once a need has arrived",
      () =>
        leaseHarness(({ fetch, desk, look, close }) => {
          let closed = false;
          return {
            look: async (request, context) => {
              await context.need("login");
              if (!closed) return await look(request, context);
              await fetch("https://desk.example/leases", { method: "POST", signal: context.signal });
              return { values: desk.values, expiresIn: 3_600 };
            },
            close: (context) => {
              closed = true;
              return close(context);
            },
          };
        }),
      /to be ended by the store itself: remember that it was closed/,
    ],
    [
      "throws then",
      () =>
        leaseHarness(({ look }) => {
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
      /a look-up not to throw if the store is closed meanwhile/,
    ],
    [
      "never answers then",
      () =>
        leaseHarness(({ look }) => {
          let closed = false;
          return {
            look: async (request, context) => {
              const found = await look(request, context);
              return closed ? await new Promise(() => {}) : found;
            },
            close: () => void (closed = true),
          };
        }),
      /a look-up to end if the store is closed meanwhile/,
    ],
  ],
};
