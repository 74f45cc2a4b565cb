import { ignoreRejection } from "../../core/chain/eventually.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { Surroundings } from "../../core/chain/store_spec.ts";
import { isRefusal } from "../../core/chain/outcome.ts";
import type { CallVault } from "./server.ts";

/** How long a revocation in the background may take. */
const REVOKE_MS = 5_000;

/** How long to wait before a revocation is tried again because the server was unavailable. */
const AGAIN_MS = 30_000;

/** A lease of a dynamic secret. */
export interface Lease {
  readonly id: string;
  /** The token of the login that it was obtained with. */
  readonly token: string;
  readonly renewable: boolean;
  /** How long it lived at first, in seconds. */
  readonly lifetime: number;
  /** The secret. */
  readonly values: Token["values"];
}

/** The leases that were obtained and not revoked yet. */
export class Leases {
  readonly #call: CallVault;
  readonly #surroundings: Surroundings;
  /** When each lease ends. */
  readonly #ends = new Map<Lease, number>();
  /** The functions that cancel scheduled revocations. */
  readonly #timers = new Map<Lease, () => void>();
  #closed = false;

  constructor(call: CallVault, surroundings: Surroundings) {
    this.#call = call;
    this.#surroundings = surroundings;
  }

  /** Returns the lease of a secret. */
  of(values: object | undefined): Lease | undefined {
    return [...this.#ends.keys()].find((lease) => lease.values === values);
  }

  /** Keeps a lease; if the store is closed already, or the lease's end is unknown, it is revoked. */
  async add(lease: Lease, seconds: number, signal: AbortSignal): Promise<void> {
    this.note(lease, seconds);
    if (this.#closed || Number.isNaN(seconds)) await this.#revoke(lease, lease.token, signal);
  }

  /** Notes for how many seconds from now a lease is valid; 0 means forever. */
  note(lease: Lease, seconds: number): void {
    const now = this.#surroundings.clock.now();
    for (const [each, end] of this.#ends) {
      if (end <= now) this.#forget(each);
    }
    this.#ends.set(lease, seconds === 0 ? Infinity : now + seconds * 1_000);
  }

  /**
   * Revokes a lease after some milliseconds, unless the process ends before that; does nothing if a timer would outlive
   * its request.
   */
  revokeLater(lease: Lease, token: string, ms: number): void {
    const { clock, requestBound } = this.#surroundings;
    const isOver = !(this.#ends.get(lease)! > clock.now());
    if (requestBound || this.#closed || isOver || this.#timers.has(lease)) return;
    const revoke = () => ignoreRejection(this.#revokeWithin(REVOKE_MS, lease, token));
    this.#timers.set(lease, clock.after(ms, revoke, true));
  }

  /** Revokes all leases with the login's present token, or else each with the one that it was obtained with. */
  async revokeAll(token: string | undefined, signal: AbortSignal): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#ends.keys()].map((lease) => this.#revoke(lease, token ?? lease.token, signal)));
  }

  async #revokeWithin(ms: number, lease: Lease, token: string): Promise<void> {
    const controller = new AbortController();
    const cancel = this.#surroundings.clock.after(ms, () => controller.abort(), true);
    await this.#revoke(lease, token, controller.signal).finally(cancel);
  }

  // Hint: a lease that could not be revoked is kept, so that it is revoked at the latest when the store is closed.
  async #revoke(lease: Lease, token: string, signal: AbortSignal): Promise<void> {
    this.#stopTimer(lease);
    const body = { lease_id: lease.id };
    const reply = await this.#call({ path: "sys/leases/revoke", token, body, signal });
    if (isRefusal(reply)) this.revokeLater(lease, token, AGAIN_MS);
    else if (reply.status < 300) this.#forget(lease);
  }

  #stopTimer(lease: Lease): void {
    this.#timers.get(lease)?.();
    this.#timers.delete(lease);
  }

  #forget(lease: Lease): void {
    this.#stopTimer(lease);
    this.#ends.delete(lease);
  }
}
