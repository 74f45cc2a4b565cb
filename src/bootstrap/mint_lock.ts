import type { Clock } from "../core/chain/host.ts";
import { ignoring, remove, textOf } from "../core/runtime/disk.ts";
import type { NodeFs } from "../core/runtime/globals.ts";
import { link, type Ownership, siblingPath, writeTemporary } from "./commit.ts";
import type { Lock } from "./medium.ts";
import type { Place } from "./place.ts";

/** How often an owner shows that it is alive. */
const HEARTBEAT_MS = 1_000;
/** How long a lock without a heartbeat is waited for before it is taken over. */
const STALE_LOCK_MS = 10_000;

/** The heartbeat of an owner, and since when it has been seen unchanged. */
interface Sighting {
  readonly nonce: string;
  readonly beat: number;
  readonly since: number;
}

/**
 * A lock file that keeps several processes from minting at once. Its owner has a nonce, and is alive while it touches the
 * file. Process ids mean nothing across containers, and the clocks of two machines may differ, so a process that waits
 * measures by its own clock how long the file has not changed.
 *
 * The lock saves work and guarantees nothing: an owner that was suspended may continue after its lock was taken over, and
 * only the exclusive commit decides.
 */
export class MintLock {
  readonly #fs: NodeFs;
  readonly #clock: Clock;
  readonly #ownership: Ownership;
  #seen: Sighting | undefined;

  constructor(fs: NodeFs, clock: Clock, ownership: Ownership) {
    this.#fs = fs;
    this.#clock = clock;
    this.#ownership = ownership;
  }

  /** Takes the lock; returns nothing while another process has it. */
  take(place: Place): Lock | undefined {
    const path = siblingPath(place, "lock");
    const current = this.#look(path);
    if (current) {
      if (this.#clock.now() - current.since < STALE_LOCK_MS || !this.#clear(place, path, current.nonce)) {
        return undefined;
      }
    }
    const nonce = crypto.randomUUID();
    const temporary = writeTemporary(this.#fs, place, nonce, this.#ownership);
    try {
      return link(this.#fs, temporary, path) ? this.#hold(path, nonce) : undefined;
    } finally {
      remove(this.#fs, temporary);
    }
  }

  #look(path: string): Sighting | undefined {
    const nonce = textOf(this.#fs, path);
    const beat = ignoring("ENOENT", () => this.#fs.statSync(path).mtimeMs);
    if (nonce === undefined || beat === undefined) return this.#seen = undefined;
    if (this.#seen?.nonce === nonce && this.#seen.beat === beat) return this.#seen;
    return this.#seen = { nonce, beat, since: this.#clock.now() };
  }

  /** Removes a stale lock; one that another process took meanwhile is put back. */
  #clear(place: Place, path: string, nonce: string): boolean {
    const aside = siblingPath(place, `${crypto.randomUUID()}.tmp`);
    ignoring("ENOENT", () => this.#fs.renameSync(path, aside));
    const moved = textOf(this.#fs, aside);
    if (moved !== undefined && moved !== nonce) link(this.#fs, aside, path);
    remove(this.#fs, aside);
    return moved === nonce;
  }

  #hold(path: string, nonce: string): Lock {
    let cancel = () => {};
    const mine = () => textOf(this.#fs, path) === nonce;
    const beat = () => {
      cancel = this.#clock.after(HEARTBEAT_MS, () => {
        try {
          const now = new Date(this.#clock.now());
          if (!mine()) return;
          this.#fs.utimesSync(path, now, now);
        } catch { /* a heartbeat that fails is one that other processes do not see */ }
        beat();
      });
    };
    beat();
    return {
      release: () => {
        cancel();
        if (mine()) remove(this.#fs, path);
      },
    };
  }
}
