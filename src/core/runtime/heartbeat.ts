import { nodeModule } from "./globals.ts";

// Hint: its own thread, since a mint may block this one, for example with `execFileSync`. It does not touch a lock that
// another process took.
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
 * Touches a file at intervals while this process lives, even while this thread is blocked.
 *
 * @param path The file.
 * @param nonce The text that the file must have to be touched.
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
    // Hint: Node's permissions may forbid threads; the lock then has only the heartbeat of this one.
    return () => {};
  }
}
