import axe, { type AxeResults } from "npm:axe-core@^4.14.1";
import type { Browser, Page } from "npm:playwright-core@^1.65.1";
import { openBrowser } from "./browser.ts";

/** The options of a route that anybody may read. */
export const OPEN = { auth: "none", allowUnauthenticated: true } as const;
/** What an open page says while its server answers. */
export const LIVE = "Live: changes appear within 5 seconds.";

/** Registers a test that runs in a browser of its own. */
export function browserTest(name: string, run: (browser: Browser) => Promise<void>): void {
  Deno.test({
    name,
    // Hint: the driver's process and timers end a moment after `close` resolves.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const browser = await openBrowser();
      try {
        await run(browser);
      } finally {
        await browser.close();
      }
    },
  });
}

/** How long an element or a response may take on a busy machine. */
const LIMIT_MS = 30_000;

/** Waits until an element has a text in it. */
export async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: LIMIT_MS });
}

/** Advances the page's clock by five seconds at a time until an event has happened. */
export async function advanceUntil(page: Page, event: Promise<unknown>): Promise<void> {
  let over = false;
  const end = event.finally(() => over = true);
  while (!over) {
    await page.clock.fastForward(5_000);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  await end;
}

/** Waits for a response with a status. */
export function responseOf(page: Page, status: number): Promise<unknown> {
  return page.waitForResponse((answer) => answer.status() === status, { timeout: LIMIT_MS });
}

/** Returns the text of an element, in one line. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ").trim();
}

/** The link to a credential in the table. */
export const linkTo = (key: string) => `#to-${key.replace(":", "\\.3A")}`;

/** Lists what axe finds on a page. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate("axe.run()") as AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** The displays on which a page is tried. */
export const DISPLAYS = {
  light: {},
  dark: { colorScheme: "dark" },
  narrow: { viewport: { width: 320, height: 640 } },
  "narrow-dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  "without-javascript": { javaScriptEnabled: false },
} as const;
