import type { Hono } from "hono";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "npm:playwright-core@^1.65.1";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Debian's Chromium. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/** A page in a tab of its own, and what it complained about. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What was written to the console, and every error that nobody caught. */
  readonly complaints: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
}

/** Opens a tab. Its clock is the test's: five seconds pass when `page.clock` says so. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.clock.install({ time: new Date("2026-01-01T00:02:07Z") });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => void complaints.push(message.text()));
  page.on("pageerror", (error) => void complaints.push(String(error)));
  page.on("request", (request) => void requests.push(request.url()));
  return { page, complaints, requests, [Symbol.asyncDispose]: () => context.close() };
}

/** A server that can be stopped and started again at the same address. */
export interface Server extends AsyncDisposable {
  readonly origin: string;
  stop(): Promise<void>;
  start(app?: Hono): void;
}

/** Serves an app on a port of loopback. */
export function serve(first: Hono): Server {
  let app = first;
  let port = 0;
  let running: Deno.HttpServer<Deno.NetAddr> | undefined;
  const start = (next = app) => {
    app = next;
    running = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => app.fetch(request));
    port = running.addr.port;
  };
  const stop = async () => {
    await running?.shutdown();
    running = undefined;
  };
  start();
  return { origin: `http://127.0.0.1:${port}`, start, stop, [Symbol.asyncDispose]: stop };
}
