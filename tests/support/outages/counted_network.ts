import type { TestClock } from "../../../src/testing/mod.ts";
import type { FaultyEndpoint } from "../servers/faulty_endpoint.ts";
import { simulatedClock, turns } from "./simulated_clock.ts";

/** A real network on a simulated clock, which stands still while a request is in progress that the server does not hold. */
export interface CountedNetwork {
  readonly clock: TestClock;
  readonly fetch: typeof fetch;
  /** When each connection was asked for. */
  readonly asked: number[];
  /** Waits until no request is in progress that the server does not hold. */
  readonly settled: () => Promise<void>;
}

/** How many turns of the event loop follow the end of a request, so that its sender goes on. */
const TURNS_AFTER_REQUEST = 20;

/** Creates a network to a server, and the clock on which its callers run. */
export function countedNetwork(server: Pick<FaultyEndpoint, "held">): CountedNetwork {
  let pending = 0;
  let moved = true;
  const asked: number[] = [];
  const settled = async () => {
    do {
      const count = moved ? TURNS_AFTER_REQUEST : 2;
      moved = false;
      await turns(count);
      while (pending !== server.held) await turns(1);
    } while (moved);
  };
  const clock = simulatedClock(settled);
  return {
    clock,
    asked,
    settled,
    fetch: async (input, init) => {
      pending++;
      moved = true;
      asked.push(clock.now());
      try {
        // Hint: a request is in progress until its whole answer is there.
        const { status, headers, body } = await fetch(input, init);
        return new Response(body && await new Response(body).arrayBuffer(), { status, headers });
      } finally {
        pending--;
        moved = true;
      }
    },
  };
}
