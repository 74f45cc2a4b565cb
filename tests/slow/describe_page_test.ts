import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { createResolver, defineChain, env, required } from "../../mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { openTab, serve } from "../support/route/browser.ts";
import {
  browserTest,
  DISPLAYS,
  LIVE,
  OPEN,
  textOf,
  violations,
  waitForText,
} from "../support/route/browser_test_case.ts";
import { everyState } from "../support/route/every_state.ts";
import { mount } from "../support/route/route_harness.ts";
import { takeScreenshot } from "../support/route/screenshots.ts";

/** The rows of the table: the credentials of each, and what is said of them. */
const EXPECTED: readonly (readonly [keys: string, ...words: string[]])[] = [
  ["neo4j:basic, neo4j:admin", "error", "data/bootstrap/neo4j-credentials.json:1:3 is not valid JSON", "fix Write the"],
  ["kafka:sasl, and so kafka:registry", "error", "vault ALPHASWARM_VAULT_URL is not set fix Set ALPHASWARM_VAULT_URL"],
  ["minio:sts", "missing", "not in env; sts is off"],
  ["trino:basic", "degraded", "env", "m2m is unavailable"],
  ["spark:token", "not asked", "what m2m gave has expired"],
  ["ops:describe", "not asked", "looked up when it is first used"],
  ["minio:backup", "off", "sts is off"],
  ["polaris:oauth", "ok", "env"],
  ["polaris:rest", "ok", "m2m"],
  ["minio:static", "ok", "file", "region from default"],
];

browserTest(
  "the page shows problems first, and of every credential its status, its source and why, on every display",
  async (browser) => {
    const { resolver } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    for (const [display, options] of Object.entries(DISPLAYS)) {
      await using tab = await openTab(browser, options);
      const { page, consoleMessages, requests } = tab;
      await page.goto(`${server.origin}/credentials`);
      await waitForText(page, "#live", display === "without-javascript" ? "As of 2026-01-01 00:02:10 UTC" : LIVE);
      for (const [row, [keys, ...words]] of EXPECTED.entries()) {
        const text = await textOf(page, `tbody tr:nth-child(${row + 1})`);
        for (const word of [keys, ...words]) assertStringIncludes(text, word, display);
      }
      const order = await page.locator(".chain h3").allInnerTexts();
      assertEquals(order, ["m2m", "sts", "vault", "exchange", "file", "env", "the caller's default"]);
      assertStringIncludes(await textOf(page, ".chain > .off"), "To switch it on: ALPHASWARM_STS_ENABLED=true");
      assertStringIncludes(await textOf(page, ".chain > .invalid"), "ALPHASWARM_VAULT_URL is not set");
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
      .filter((element) => !element.closest("thead") && element.nodeName !== "WBR" && element.getBoundingClientRect().right > 320)
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
      for (const path of ["", "/polaris/oauth", "/kafka/registry", "/minio/sts", "?q=nothing"]) {
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
    for (const key of EXPECTED.flatMap(([keys]) => keys.split(/, (?:and so )?/))) {
      await page.keyboard.press("Tab");
      assertEquals(await focused(), key);
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assertEquals(outline, "solid", "the focus is visible");
    }
    await page.keyboard.press("Enter");
    assertEquals(await page.evaluate("document.querySelector('article:has(:target) h3').textContent"), "minio:static");
    await page.goto(`${server.origin}/credentials/polaris/oauth`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assertEquals(await focused(), "All credentials");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${server.origin}/credentials`);
  },
);

browserTest(
  "a screen reader gets the credentials as a table, the chain as a list, and the state as a status",
  async (browser) => {
    const { resolver } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    for (const options of [DISPLAYS.light, DISPLAYS.narrow]) {
      await using tab = await openTab(browser, options);
      const { page } = tab;
      await page.goto(`${server.origin}/credentials`);
      await waitForText(page, "#live", LIVE);
      const row = page.getByRole("table").getByRole("row", { name: "degraded trino:basic env m2m is unavailable" });
      assertEquals(await row.count(), 1);
      assertEquals(await row.getByRole("rowheader").innerText(), "trino:basic");
      assertEquals(await page.getByRole("columnheader").allTextContents(), [
        "Status",
        "Credential",
        "Source",
        "Detail",
      ]);
      assertEquals(await page.getByRole("status").innerText(), LIVE);
      const chain = page.getByRole("region", { name: "Stores, in the order they are asked" });
      assertEquals(await chain.getByRole("list").first().getByRole("listitem").count() >= 6, true);
      assertEquals(await page.getByRole("article", { name: "neo4j:basic" }).count(), 1);
      assertEquals(await page.getByRole("heading", { level: 1 }).count(), 1);
    }
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
    assertEquals(await page.locator("article h3").allInnerTexts(), [`svc:${evil}`]);
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
    await waitForText(page, "table", "neo4j:basic");
    await waitForText(page, "#live", LIVE);
  }
  assertEquals(consoleMessages, []);
});
