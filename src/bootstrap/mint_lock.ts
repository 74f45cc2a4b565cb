import type { Clock } from "../host.ts";
import { besides, link, type Ownership, writeTemporary } from "./commit.ts";
import { type Disk, remove, textOf, unless } from "./disk.ts";
import type { Lock } from "./medium.ts";
import type { Place } from "./place.ts";

/** How often an owner shows that it is alive, in milliseconds. */
const BEAT = 1_000;
/** After how long without such a sign a lock is taken over, in milliseconds. */
const STOPPED = 10_000;

/** The sign of an owner, and since when it has been seen unchanged. */
interface Sighting {
  readonly nonce: string;
  readonly beat: number;
  readonly since: number;
}

/**
 * A lock file that keeps several processes from minting at once. Its owner is known by a nonce and alive while it touches
 * the file: process ids mean nothing across containers, and neither do the clocks of two machines, so whoever waits
 * counts by its own clock for how long it has seen no change.
 *
 * It spares work and promises nothing: an owner that was stopped may go on after it was taken over, and only the
 * exclusive commit decides.
 */
export class MintLock {
  readonly #fs: Disk;
  readonly #clock: Clock;
  readonly #ownership: Ownership;
  #seen: Sighting | undefined;

  constructor(fs: Disk, clock: Clock, ownership: Ownership) {
    this.#fs = fs;
    this.#clock = clock;
    this.#ownership = ownership;
  }

  /** Takes it; nothing while somebody else has it. */
  take(place: Place): Lock | undefined {
    const path = besides(place, "lock");
    const current = this.#look(path);
    if (current) {
      if (this.#clock.now() - current.since < STOPPED || !this.#clear(place, path, current.nonce)) return undefined;
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
    const beat = unless("ENOENT", () => this.#fs.statSync(path).mtimeMs);
    if (nonce === undefined || beat === undefined) return this.#seen = undefined;
    if (this.#seen?.nonce === nonce && this.#seen.beat === beat) return this.#seen;
    return this.#seen = { nonce, beat, since: this.#clock.now() };
  }

  /** Removes the lock of an owner that stopped; one that a quicker process took meanwhile is put back. */
  #clear(place: Place, path: string, nonce: string): boolean {
    const aside = besides(place, `${crypto.randomUUID()}.tmp`);
    unless("ENOENT", () => this.#fs.renameSync(path, aside));
    const moved = textOf(this.#fs, aside);
    if (moved !== undefined && moved !== nonce) link(this.#fs, aside, path);
    remove(this.#fs, aside);
    return moved === nonce;
  }

  #hold(path: string, nonce: string): Lock {
    let cancel = () => {};
    const mine = () => textOf(this.#fs, path) === nonce;
    const beat = () => {
      cancel = this.#clock.after(BEAT, () => {
        try {
          const now = new Date(this.#clock.now());
          if (!mine()) return;
          this.#fs.utimesSync(path, now, now);
        } catch { /* a sign that could not be given is one that others do not see */ }
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
