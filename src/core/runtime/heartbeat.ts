import { nodeModule } from "./globals.ts";

// Hint: a thread of its own, since a mint may block this one, as `execFileSync` does. A lock that another process took is left alone.
const PROGRAM = `
const fs = require("node:fs");
const { path, nonce, ms } = require("node:worker_threads").workerData;
setInterval(() => {
  try {
    const file = fs.openSync(path, fs.constants.O_NONBLOCK ?? 0);
    const isMine = fs.readFileSync(file, "utf8") === nonce;
    fs.closeSync(file);
    const now = new Date();
    if (isMine) fs.utimesSync(path, now, now);
  } catch {}
}, ms);
`;

/**
 * Touches a file at intervals while this process lives, also while its thread is blocked.
 *
 * @param path The file.
 * @param nonce The text that it has while it is to be touched.
 * @param ms The interval.
 * @returns Stops it.
 */
export function beatInThread(path: string, nonce: string, ms: number): () => void {
  try {
    const { Worker } = nodeModule("node:worker_threads") as typeof import("node:worker_threads");
    const worker = new Worker(PROGRAM, { eval: true, workerData: { path, nonce, ms } });
    worker.unref();
    worker.on("error", () => {});
    return () => void Promise.resolve(worker.terminate()).catch(() => {});
  } catch {
    // Hint: Node's permissions may forbid threads, and the lock then has the heartbeat of this thread alone.
    return () => {};
  }
}
