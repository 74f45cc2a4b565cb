import { assert, assertEquals } from "@std/assert";
import chain from "../../chain.config.ts";
import { createResolver, type Resolver } from "../../mod.ts";
import { survey } from "../../src/report/mod.ts";
import { openTab, serve } from "../support/route/browser.ts";
import {
  advanceUntil,
  browserTest,
  DISPLAYS,
  linkTo,
  LIVE,
  OPEN,
  responseOf,
  violations,
  waitForText,
} from "../support/route/browser_test_case.ts";
import { everyState } from "../support/route/every_state.ts";
import { manyCredentials } from "../support/route/many_credentials.ts";
import { mount } from "../support/route/route_harness.ts";
import { takeScreenshot } from "../support/route/screenshots.ts";

browserTest("a filter works with a script and without, and an open page keeps it", async (browser) => {
  const { resolver } = await everyState();
  await using server = serve(mount(resolver, OPEN));
  for (const options of [DISPLAYS.light, DISPLAYS.narrow, DISPLAYS["without-javascript"]]) {
    await using tab = await openTab(browser, options);
    const { page, consoleMessages } = tab;
    const rows = () => page.locator("tbody th").allInnerTexts();
    await page.goto(`${server.origin}/credentials`);
    await page.getByLabel("Key or name").fill("minio");
    await page.locator("select").selectOption("sts");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL(`${server.origin}/credentials?q=minio&store=sts`);
    assertEquals(await rows(), ["minio:sts", "minio:backup"]);
    await page.getByRole("link", { name: "1 off" }).click();
    await page.waitForURL(`${server.origin}/credentials?status=off&store=sts&q=minio`);
    assertEquals(await rows(), ["minio:backup"]);
    if (!("javaScriptEnabled" in options)) {
      await waitForText(page, "#live", LIVE);
      await advanceUntil(page, responseOf(page, 200));
      assertEquals(await violations(page), []);
    }
    assertEquals(await rows(), ["minio:backup"]);
    assertEquals(await page.getByLabel("Key or name").inputValue(), "minio");
    await page.getByRole("link", { name: "Show all" }).click();
    await page.waitForURL(`${server.origin}/credentials?`);
    assertEquals((await rows()).length, 10);
    assertEquals(consoleMessages, []);
  }
});

browserTest(
  "of 42 credentials each is folded, and a link to one unfolds it, with a script and without",
  async (browser) => {
    const resolver = await manyCredentials();
    await using server = serve(mount(resolver, OPEN));
    for (const [display, options] of Object.entries(DISPLAYS)) {
      await using tab = await openTab(browser, options);
      const { page, consoleMessages } = tab;
      await page.goto(`${server.origin}/credentials`);
      await takeScreenshot(page, `many-${display}`);
      assertEquals(await page.locator("#credentials details[open]").count(), 0);
      await page.locator(linkTo("kafka:audit")).click();
      const audit = page.locator('article:has(h3:has-text("kafka:audit"))');
      await audit.getByText("ALPHASWARM_KAFKA_AUDIT_USER and").waitFor({ timeout: 30_000 });
      assertEquals(await page.locator("#credentials details[open]").count(), 1);
      const heading = (await audit.locator("h3").boundingBox())!;
      assert(heading.y >= 0 && heading.y < 640, "the line that says what it is is on the screen");
      await takeScreenshot(page, `many-unfolded-${display}`, { fullPage: false });
      if (!("javaScriptEnabled" in options)) assertEquals(await violations(page), [], display);
      assertEquals(consoleMessages, []);
    }
  },
);

browserTest("no name is broken over lines where it fits into one, and else only after a separator", async (browser) => {
  const shipped = createResolver(chain, { env: {} });
  await survey(shipped);
  const resolvers = [(await everyState()).resolver, shipped, await manyCredentials()] as Resolver[];
  for (const resolver of resolvers) {
    await using server = serve(mount(resolver, OPEN));
    for (const options of [DISPLAYS.light, DISPLAYS.narrow]) {
      await using tab = await openTab(browser, options);
      await tab.page.goto(`${server.origin}/credentials`);
      await tab.page.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)");
      const broken = await tab.page.evaluate(BROKEN_NAMES) as readonly string[];
      assertEquals(broken.length > 0, options === DISPLAYS.narrow, String(broken));
      for (const name of broken) assert(/[_/:#.=?&,-]\n/.test(name) && !/[^_/:#.=?&,-]\n/.test(name), name);
      assertEquals(await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
    }
  }
});

/** Finds the names that are broken over lines, with a line feed where each is. */
const BROKEN_NAMES = `[...document.querySelectorAll("code")].flatMap((code) => {
  let [text, last] = ["", undefined];
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (let at = 0; at < walker.currentNode.length; at++) {
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      const { top } = range.getBoundingClientRect();
      if (last !== undefined && top > last + 2) text += "\\n";
      text += range.toString();
      last = top;
    }
  }
  return text.includes("\\n") ? [text] : [];
})`;
