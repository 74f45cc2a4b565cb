import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import axe, { type AxeResults } from "npm:axe-core@^4.14.1";
import type { Browser, Page } from "npm:playwright-core@^1.65.1";
import { Hono } from "hono";
import { createResolver, defineChain, env, required } from "../../mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { openBrowser, openTab, serve } from "../support/route/browser.ts";
import { everyState } from "../support/route/every_state.ts";
import { harness, mount, TOKEN } from "../support/route/route_harness.ts";
import { takeScreenshot } from "../support/route/screenshots.ts";

const OPEN = { auth: "none", allowUnauthenticated: true } as const;
const LIVE = "Live: changes appear within 5 seconds.";

/** Registers a test that runs in a browser of its own. */
function browserTest(name: string, run: (browser: Browser) => Promise<void>): void {
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

async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 5_000 });
}

/** Advances the page's clock by five seconds at a time until an event has happened. */
async function advanceUntil(page: Page, event: Promise<unknown>): Promise<void> {
  let over = false;
  const end = event.finally(() => over = true);
  while (!over) {
    await page.clock.fastForward(5_000);
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  await end;
}

function responseOf(page: Page, status: number): Promise<unknown> {
  return page.waitForResponse((answer) => answer.status() === status, { timeout: 5_000 });
}

async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ");
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate("axe.run()") as AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

const EXPECTED = {
  "polaris:oauth": ["env", "in use", "file does not have it"],
  "polaris:rest": ["m2m", "in use", "m2m is asked first and has it"],
  "minio:static": ["file", "in use", "file is asked first and has it"],
  "trino:basic": ["env", "degraded", "m2m is unavailable"],
  "spark:token": ["m2m", "expired", "renewed at the next resolve"],
  "minio:sts": ["missing", "the caller's default is used"],
  "neo4j:basic": ["stopped", "file is invalid: data/bootstrap/neo4j-credentials.json:1:3 is not valid JSON"],
  "kafka:sasl": ["stopped", "ALPHASWARM_VAULT_URL is not set"],
  "ops:describe": ["not asked yet", "env is asked first"],
};

const DISPLAYS = {
  light: {},
  dark: { colorScheme: "dark" },
  narrow: { viewport: { width: 320, height: 640 } },
  "narrow-dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  "without-javascript": { javaScriptEnabled: false },
} as const;

browserTest(
  "the page shows the source in use of every credential and why, on every display",
  async (browser) => {
    const { resolver } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    for (const [display, options] of Object.entries(DISPLAYS)) {
      await using tab = await openTab(browser, options);
      const { page, consoleMessages, requests } = tab;
      await page.goto(`${server.origin}/credentials`);
      await waitForText(page, "#live", display === "without-javascript" ? "As of 2026-01-01 00:02:07 UTC" : LIVE);
      for (const [key, words] of Object.entries(EXPECTED)) {
        const row = await textOf(page, `#summary tr:has(a:text-is("${key}"))`);
        for (const word of words) assertStringIncludes(row, word, `${display}: ${key}`);
      }
      const order = await page.locator(".chain > li > b").allInnerTexts();
      assertEquals(order, ["m2m", "sts", "vault", "file", "env", "the caller's default"]);
      assertStringIncludes(await textOf(page, ".chain > .off"), "Off: set ALPHASWARM_STS_ENABLED to true");
      assertStringIncludes(await textOf(page, ".chain > .invalid"), "Invalid: ALPHASWARM_VAULT_URL is not set");
      assertEquals(consoleMessages, [], display);
      assertEquals(new Set(requests.map((url) => new URL(url).origin)), new Set([server.origin]), display);
      await takeScreenshot(page, display);
      if (display === "light" || display === "dark") {
        await takeScreenshot(page, `describe-${display}`, { kept: true, fullPage: false });
      }
    }
  },
);

browserTest("nothing is cut off or overflows on a screen of 320 pixels", async (browser) => {
  const { resolver } = await everyState();
  await using server = serve(mount(resolver, OPEN));
  await using tab = await openTab(browser, DISPLAYS.narrow);
  for (const path of ["", "/polaris/oauth"]) {
    await tab.page.goto(`${server.origin}/credentials${path}`);
    const wide = await tab.page.evaluate(`[...document.querySelectorAll("main *, header *, footer *")]
      .filter((element) => !element.closest("thead") && element.getBoundingClientRect().right > 320)
      .map((element) => element.outerHTML)`);
    assertEquals(wide, []);
    assertEquals(await tab.page.evaluate("document.documentElement.scrollWidth"), 320);
  }
});

browserTest(
  "axe finds no violation, on any display, on any page, while live and while the server is lost",
  async (browser) => {
    const { resolver } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    for (const [display, options] of Object.entries(DISPLAYS)) {
      if (display === "without-javascript") continue;
      await using tab = await openTab(browser, options);
      for (const path of ["", "/polaris/oauth", "/neo4j/basic", "/spark/token"]) {
        await tab.page.goto(`${server.origin}/credentials${path}`);
        await waitForText(tab.page, "#live", LIVE);
        assertEquals(await violations(tab.page), [], `${display} ${path}`);
      }
      await server.stop();
      await tab.page.clock.fastForward(5_000);
      await waitForText(tab.page, "#live", "has not answered");
      assertEquals(await violations(tab.page), [], `${display}, lost`);
      server.start();
    }
  },
);

browserTest(
  "the page can be used by keyboard: skip to the credentials, go to one, and back from its own page",
  async (browser) => {
    const { resolver } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    await using tab = await openTab(browser);
    const { page } = tab;
    const focused = () => page.evaluate("document.activeElement.textContent.trim()");
    await page.goto(`${server.origin}/credentials`);
    await page.keyboard.press("Tab");
    assertEquals(await focused(), "Skip to the credentials");
    const box = await page.locator(".skip").boundingBox();
    assert(box && box.x >= 0 && box.y >= 0, "the skip link is visible once it has the focus");
    await takeScreenshot(page, "skip-link", { fullPage: false });
    await page.keyboard.press("Enter");
    assertEquals(await page.evaluate("document.activeElement.id"), "main");
    for (const key of Object.keys(EXPECTED)) {
      await page.keyboard.press("Tab");
      assertEquals(await focused(), key);
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assertEquals(outline, "solid", "the focus is visible");
    }
    await page.keyboard.press("Enter");
    assertEquals(await page.evaluate("document.querySelector(':target h3').textContent"), "ops:describe");
    await page.goto(`${server.origin}/credentials/polaris/oauth`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assertEquals(await focused(), "All credentials");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${server.origin}/credentials`);
  },
);

browserTest(
  "a screen reader gets the summary as a table, the chain as a list, and the state as a status",
  async (browser) => {
    const { resolver } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    for (const options of [DISPLAYS.light, DISPLAYS.narrow]) {
      await using tab = await openTab(browser, options);
      const { page } = tab;
      await page.goto(`${server.origin}/credentials`);
      await waitForText(page, "#live", LIVE);
      const row = page.getByRole("table").getByRole("row", { name: "polaris:oauth env in use file does not have it" });
      assertEquals(await row.count(), 1);
      assertEquals(await row.getByRole("rowheader").innerText(), "polaris:oauth");
      assertEquals(await page.getByRole("columnheader").allTextContents(), ["Credential", "Source", "Why"]);
      assertEquals(await page.getByRole("status").innerText(), LIVE);
      const chain = page.getByRole("region", { name: "Stores, in the order they are asked" });
      assertEquals(await chain.getByRole("list").first().getByRole("listitem").count() >= 6, true);
      assertEquals(await page.getByRole("article", { name: "neo4j:basic" }).count(), 1);
      assertEquals(await page.getByRole("heading", { level: 1 }).count(), 1);
    }
  },
);

browserTest("an open page shows changes, and keeps focus, selection and scroll position", async (browser) => {
  const { resolver, host } = await everyState();
  await using server = serve(mount(resolver, OPEN));
  await using tab = await openTab(browser);
  const { page, consoleMessages } = tab;
  await page.goto(`${server.origin}/credentials`);
  await waitForText(page, "#live", LIVE);
  await page.locator('a:text-is("polaris:rest")').focus();
  await page.evaluate("getSelection().selectAllChildren(document.querySelector('#summary h2')); scrollTo(0, 100)");
  host.disk["data/bootstrap/polaris-principal.json"] = '{"client_id":"runtime","client_secret":"not-a-secret"}';
  await host.clock.advance(2_000);
  resolver.invalidate("polaris:oauth");
  await resolver.resolve("polaris:oauth");
  await page.clock.fastForward(5_000);
  await waitForText(page, '#summary tr:has-text("polaris:oauth")', "file is asked first and has it");
  assertEquals(await page.evaluate("document.activeElement.textContent"), "polaris:rest");
  assertEquals(await page.evaluate("getSelection().toString()"), "Which source is in use");
  assertEquals(await page.evaluate("scrollY"), 100);
  assertEquals(consoleMessages, []);
});

browserTest(
  "an open page shows when its server is lost, keeps its last content, and shows when the server is back",
  async (browser) => {
    const { resolver } = await everyState();
    const app = mount(resolver, OPEN);
    await using server = serve(app);
    await using tab = await openTab(browser);
    const { page } = tab;
    await page.goto(`${server.origin}/credentials`);
    await waitForText(page, "#live", LIVE);
    await server.stop();
    await page.clock.fastForward(5_000);
    await waitForText(
      page,
      "#live",
      "The server has not answered since 00:02:12 UTC. This is its last answer; retrying.",
    );
    assertEquals(await page.title(), "(lost) Credentials: which source is in use");
    assertStringIncludes(await textOf(page, "#summary"), "polaris:oauth");
    await takeScreenshot(page, "lost", { fullPage: false });
    server.start(new Hono().get("*", (c) => c.text("an error of a gateway", 502)));
    await advanceUntil(page, responseOf(page, 502));
    await waitForText(page, "#live", "since 00:02:12 UTC");
    await server.stop();
    server.start(new Hono().get("*", (c) => c.html("<p>the page of another server")));
    await advanceUntil(page, responseOf(page, 200));
    await waitForText(page, "#live", "since 00:02:12 UTC");
    await server.stop();
    server.start(app);
    await advanceUntil(page, waitForText(page, "#live", LIVE));
    assertEquals(await page.title(), "Credentials: which source is in use");
  },
);

browserTest(
  "a browser signs in with the token as its password, and shows when the token is no longer accepted",
  async (browser) => {
    const { mount } = harness();
    await using server = serve(mount({ auth: { token: TOKEN } }));
    await using refusedTab = await openTab(browser, { httpCredentials: { username: "me", password: "wrong" } });
    assertEquals((await refusedTab.page.goto(`${server.origin}/credentials`))?.status(), 401);
    await using tab = await openTab(browser, { httpCredentials: { username: "me", password: TOKEN } });
    const { page } = tab;
    assertEquals((await page.goto(`${server.origin}/credentials`))?.status(), 200);
    await waitForText(page, "#live", LIVE);
    await advanceUntil(page, responseOf(page, 200));
    await waitForText(page, "#live", LIVE);
    await server.stop();
    server.start(mount({ auth: { token: "another-fake" } }));
    const refused = "The server no longer accepts this sign-in. Reload the page to sign in again.";
    await advanceUntil(page, waitForText(page, "#live", refused));
    await takeScreenshot(page, "refused", { fullPage: false });
  },
);

browserTest("names with markup are shown as text", async (browser) => {
  const evil = `"'><img src=x onerror=alert(1)><script>alert(2)</script>&amp;`;
  const credentials = {
    [`svc:${evil}`]: { fields: { [evil]: required() }, from: { [evil]: { fields: { [evil]: evil } } } },
  };
  const chain = defineChain({ stores: { [evil]: env({ priority: 1 }) }, credentials } as never);
  const resolver = createResolver(chain, testHost());
  await resolver.find(`svc:${evil}` as never);
  await using server = serve(mount(resolver, OPEN));
  await using tab = await openTab(browser);
  const { page, consoleMessages } = tab;
  let dialogs = 0;
  page.on("dialog", (dialog) => {
    dialogs++;
    return dialog.dismiss();
  });
  for (const path of ["", `/svc/${encodeURIComponent(evil)}`]) {
    await page.goto(`${server.origin}/credentials${path}`);
    await waitForText(page, "#live", LIVE);
    assertEquals(await page.locator("h3").allInnerTexts(), [`svc:${evil}`]);
    assertStringIncludes(await textOf(page, ".chain li"), evil);
    assertEquals(await page.locator("img").count(), 0);
  }
  assertEquals([dialogs, consoleMessages], [0, []]);
});

browserTest("the page works wherever it is mounted, at the root and behind the path of a gateway", async (browser) => {
  const { resolver } = await everyState();
  const route = () => describeRoute(resolver, OPEN);
  const app = new Hono().mount("/gateway/debug", route().fetch).route("/", route());
  await using server = serve(app);
  await using tab = await openTab(browser);
  const { page, consoleMessages } = tab;
  for (const base of ["", "/gateway/debug"]) {
    await page.goto(`${server.origin}${base}/polaris/oauth`);
    await waitForText(page, "#live", LIVE);
    await page.getByRole("link", { name: "All credentials" }).click();
    await waitForText(page, "#summary", "neo4j:basic");
    await waitForText(page, "#live", LIVE);
  }
  assertEquals(consoleMessages, []);
});
