import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { testHost } from "../../src/testing/mod.ts";
import { chance } from "../support/outages/chance.ts";
import { countedNetwork } from "../support/outages/counted_network.ts";
import { documentedProbe, Readiness } from "../support/route/kubelet.ts";
import { type Answer, Pod } from "../support/route/pod.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIFETIME_MS = 10 * MINUTE;
const HOUR = 60 * MINUTE;
const OUTAGE_MS = 10 * MINUTE;
/** The longest pause after a failure. */
const LONGEST_PAUSE_MS = 15 * SECOND;
/** How many requests there are before the pauses are that long: two have no pause, and four of 1 s double. */
const PAUSES_BEFORE_IT = 6;

/** A pod that was started. */
interface Started {
  readonly resolver: Pod["resolver"];
  readonly isReady: boolean;
}

/** Pods that only a kubelet asks anything, with a real OAuth server, on simulated time. */
class Node implements AsyncDisposable {
  readonly network = countedNetwork({ held: 0 });
  readonly ready = documentedProbe("readinessProbe");
  readonly live = documentedProbe("livenessProbe");
  readonly #oidc: OidcProvider;
  readonly #pods: { readonly pod: Pod; readonly readiness: Readiness }[] = [];
  /** The answers for readiness so far; a client that gives up is an error. */
  readonly answers: Answer[] = [];

  constructor(oidc: OidcProvider) {
    this.#oidc = oidc;
  }

  get now(): number {
    return this.network.clock.now();
  }

  /** How many requests for a token were sent, since this was asked last. */
  requests(): number {
    return this.network.asked.splice(0).length;
  }

  /** Starts a pod. */
  async start(): Promise<Started> {
    const { network } = this;
    const host = testHost({ clock: network.clock, fetch: network.fetch, random: chance(this.#pods.length + 1) });
    const pod = new Pod(this.#oidc, host, network.clock.now);
    const readiness = new Readiness(this.ready);
    this.#pods.push({ pod, readiness });
    // Hint: what a route does once, it does at its first request, in time that no clock of a test counts.
    await (await fetch(`${pod.url}${this.live.path}`)).body?.cancel();
    return {
      resolver: pod.resolver,
      get isReady() {
        return readiness.isReady;
      },
    };
  }

  /** Probes every pod in each period, until it is as expected or the time is over. */
  async probe(forMs: number, isExpected: () => boolean = () => false): Promise<void> {
    const { clock } = this.network;
    const { path, timeoutMs, periodMs } = this.ready;
    for (const end = clock.now() + forMs; clock.now() < end && !isExpected();) {
      const sent = await Promise.all(this.#pods.map(({ pod }) => pod.send(path)));
      const alive = await Promise.all(this.#pods.map(({ pod }) => pod.send(this.live.path)));
      await clock.advance(timeoutMs);
      for (const [at, each] of sent.entries()) {
        const answer = await each.end();
        assert(answer, "Expected an answer before the client gives up");
        this.answers.push(answer);
        this.#pods[at]!.readiness.note(answer.status);
      }
      for (const each of alive) assertEquals(await each.end(), { status: 200, ms: 0 });
      await clock.advance(periodMs - timeoutMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pod } of this.#pods) await pod[Symbol.asyncDispose]();
  }
}

Deno.test("pods that get no request but probes are ready while they may have a token, and come back by themselves", async () => {
  await using oidc = await startOidcProvider({ lifetimes: { "urn:alphaswarm:polaris": LIFETIME_MS / SECOND } });
  await using node = new Node(oidc);
  const { periodMs, failureThreshold } = node.ready;

  const first = await node.start();
  assertEquals([first.isReady, node.requests()], [false, 0], "nothing is asked before the first probe");
  await node.probe(periodMs);
  assertEquals([first.isReady, node.requests()], [true, 1], "the first probe obtains the token");

  await node.probe(HOUR, () => !first.isReady);
  assert(node.answers.every(({ status }) => status === 200), "an idle hour has no failed probe");
  assertLessOrEqual(node.requests(), HOUR / (LIFETIME_MS / 2), "a token is renewed at half of its life");

  await oidc.pause();
  const expiresAt = first.resolver.peek("polaris:rest")!.expiresAt!;
  await node.probe(HOUR, () => !first.isReady);
  assertGreater(node.now, expiresAt, "who has a token is ready until it expires");
  assertLessOrEqual(node.now, expiresAt + (failureThreshold + 1) * periodMs);
  const second = await node.start();
  node.requests();
  await node.probe(OUTAGE_MS);
  assertEquals([first.isReady, second.isReady], [false, false], "who starts during the outage is not ready");
  assertLessOrEqual(node.requests(), 2 * (OUTAGE_MS / LONGEST_PAUSE_MS + PAUSES_BEFORE_IT));

  await oidc.resume();
  const began = node.now;
  await node.probe(HOUR, () => first.isReady && second.isReady);
  assertLessOrEqual(node.now - began, LONGEST_PAUSE_MS + periodMs, "both come back by themselves");
  assertEquals(node.requests(), 2, "with a request each");
  assert(node.answers.every(({ ms }) => ms <= 800));
});
