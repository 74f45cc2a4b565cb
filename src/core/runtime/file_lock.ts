import type { Clock, FileAccess, FileLock } from "../chain/host.ts";
import { ignoring, placeOf, remove, siblingPath } from "./file_operations.ts";
import type { NodeFs } from "./globals.ts";
import { beatInThread } from "./heartbeat.ts";
import { readExact } from "./read_exact.ts";
import { link, writeTemporary } from "./replace_file.ts";

/** How often an owner shows that it is alive. */
const HEARTBEAT_MS = 1_000;
/** How long a lock without a heartbeat is waited for before it is taken over. */
const STALE_LOCK_MS = 10_000;

/** The last heartbeat of an owner that was seen, and since when it has not changed. */
interface Sighting {
  readonly nonce: string;
  readonly beat: number;
  readonly since: number;
}

/**
 * The locks of files, which keep several processes from minting at once. Each is a file with its owner's nonce, and its
 * owner is alive as long as it touches the file. Process ids mean nothing across containers, and the clocks of two
 * machines may differ, so a process that waits measures by its own clock how long the file has not changed.
 *
 * A lock saves work and guarantees nothing: an owner that was suspended may continue after its lock was taken over, and
 * only the exclusive change of the document decides.
 */
export class FileLocks {
  readonly #fs: NodeFs;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Sighting>();

  constructor(fs: NodeFs, clock: Clock) {
    this.#fs = fs;
    this.#clock = clock;
  }

  /** Takes the lock of the file at a real path; returns `undefined` while another process has it. */
  take(path: string, access: FileAccess): FileLock | undefined {
    const place = placeOf(path);
    const lock = siblingPath(place, "lock");
    const current = this.#look(lock);
    if (current) {
      if (this.#clock.now() - current.since < STALE_LOCK_MS) return undefined;
      const aside = siblingPath(place, `${crypto.randomUUID()}.tmp`);
      if (!this.#clear(lock, aside, current.nonce)) return undefined;
    }
    const nonce = crypto.randomUUID();
    const temporary = writeTemporary(this.#fs, place, nonce, access);
    if (temporary === undefined) return undefined;
    let isTaken = false;
    try {
      isTaken = link(this.#fs, temporary, lock);
    } finally {
      remove(this.#fs, temporary);
    }
    return isTaken ? this.#hold(lock, nonce) : undefined;
  }

  #look(lock: string): Sighting | undefined {
    const nonce = this.#nonceAt(lock);
    const beat = ignoring("ENOENT", () => this.#fs.lstatSync(lock).mtimeMs);
    if (nonce === undefined || beat === undefined) return undefined;
    const seen = this.#seen.get(lock);
    if (seen?.nonce === nonce && seen.beat === beat) return seen;
    const sighting = { nonce, beat, since: this.#clock.now() };
    this.#seen.set(lock, sighting);
    return sighting;
  }

  // Hint: no owner creates a link, so a link has no heartbeat, wherever it leads.
  /** Returns the nonce in a lock, which is empty for a link; `undefined` if there is no lock. */
  #nonceAt(path: string): string | undefined {
    const found = ignoring("ENOENT", () => this.#fs.lstatSync(path));
    if (!found) return undefined;
    return found.isSymbolicLink() ? "" : readExact(this.#fs, path);
  }

  /** Removes a stale lock; if another process took it meanwhile, it is put back. */
  #clear(lock: string, aside: string, nonce: string): boolean {
    ignoring("ENOENT", () => this.#fs.renameSync(lock, aside));
    const moved = this.#nonceAt(aside);
    if (moved !== undefined && moved !== nonce) link(this.#fs, aside, lock);
    remove(this.#fs, aside);
    return moved === nonce;
  }

  #hold(lock: string, nonce: string): FileLock {
    let cancel = () => {};
    const mine = () => this.#nonceAt(lock) === nonce;
    const beat = () => {
      cancel = this.#clock.after(HEARTBEAT_MS, () => {
        try {
          const now = new Date(this.#clock.now());
          if (!mine()) return;
          this.#fs.utimesSync(lock, now, now);
        } catch { /* a heartbeat that fails is one that other processes do not see */ }
        beat();
      });
    };
    beat();
    const stop = beatInThread(lock, nonce, HEARTBEAT_MS);
    return {
      release: () => {
        cancel();
        stop();
        try {
          if (mine()) remove(this.#fs, lock);
        } catch { /* a lock that cannot be removed has no heartbeat any more, and is taken over */ }
      },
    };
  }
}
