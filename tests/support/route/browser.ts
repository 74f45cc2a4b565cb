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

/** Starts the Chromium of Debian. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/** A page in a tab of its own, with its errors and requests. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** The messages on the console, and the uncaught errors. */
  readonly consoleMessages: readonly string[];
  /** The URLs that were requested. */
  readonly requests: readonly string[];
}

/** Opens a tab, whose clock is controlled with `page.clock`. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  await page.clock.install({ time: new Date("2026-01-01T00:02:07Z") });
  const consoleMessages: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => void consoleMessages.push(message.text()));
  page.on("pageerror", (error) => void consoleMessages.push(String(error)));
  page.on("request", (request) => void requests.push(request.url()));
  return { page, consoleMessages, requests, [Symbol.asyncDispose]: () => context.close() };
}

/** A server that can be stopped and restarted on the same port. */
export interface Server extends AsyncDisposable {
  readonly origin: string;
  stop(): Promise<void>;
  start(app?: Hono): void;
}

/** Serves an app on a free port of loopback. */
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
