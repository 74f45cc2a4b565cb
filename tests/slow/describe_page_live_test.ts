import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { openTab, serve } from "../support/route/browser.ts";
import {
  advanceUntil,
  browserTest,
  linkTo,
  LIVE,
  OPEN,
  responseOf,
  textOf,
  waitForText,
} from "../support/route/browser_test_case.ts";
import { everyState } from "../support/route/every_state.ts";
import { harness, mount, TOKEN } from "../support/route/route_harness.ts";
import { takeScreenshot } from "../support/route/screenshots.ts";

browserTest(
  "an open page shows changes, and keeps focus, selection, scroll position, and what is folded",
  async (browser) => {
    const { resolver, host } = await everyState();
    await using server = serve(mount(resolver, OPEN));
    await using tab = await openTab(browser);
    const { page, consoleMessages } = tab;
    await page.goto(`${server.origin}/credentials`);
    await waitForText(page, "#live", LIVE);
    await page.locator("article:has-text('neo4j:basic') summary").click();
    await page.locator("input[type=search]").fill("half a wo");
    await page.locator(linkTo("polaris:oauth")).focus();
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('#main h2')); scrollTo(0, 100)");
    host.disk["data/bootstrap/neo4j-credentials.json"] = JSON.stringify({ user: "runtime", password: "not-a-secret" });
    await host.clock.advance(2_000);
    resolver.invalidate("neo4j:basic");
    await resolver.resolve("neo4j:basic");
    await advanceUntil(page, waitForText(page, "#count", "5 of 12 credentials are available"));
    assertEquals(await page.evaluate("document.activeElement.textContent"), "polaris:oauth");
    assertEquals(await page.evaluate("getSelection().toString()"), "Which source is in use");
    assertEquals(await page.evaluate("scrollY"), 100);
    assertEquals(await page.locator("input[type=search]").inputValue(), "half a wo");
    const open = (key: string) => page.locator(`article:has(h3:has-text("${key}")) details`).getAttribute("open");
    assertEquals([await open("neo4j:basic"), await open("neo4j:admin")], [null, ""]);
    assertStringIncludes(await textOf(page, "article:has-text('neo4j:basic') summary"), "neo4j:basic ok file");
    const rows = await page.locator("tbody th").allInnerTexts();
    assertEquals(rows.slice(0, 2), ["kafka:sasl, and so kafka:registry", "neo4j:admin"]);
    await page.locator(linkTo("neo4j:admin")).focus();
    const identity = { admin: "runtime", admin_password: "not-a-secret" };
    host.disk["data/bootstrap/neo4j-credentials.json"] = JSON.stringify(identity);
    await host.clock.advance(2_000);
    resolver.invalidate("neo4j:admin");
    await resolver.resolve("neo4j:admin");
    await advanceUntil(page, waitForText(page, "#count", "6 of 12 credentials are available"));
    assertEquals(await page.evaluate("document.activeElement.textContent"), "neo4j:admin");
    assertEquals(consoleMessages, []);
  },
);

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
    await advanceUntil(page, waitForText(page, "#live", "The server has not answered since 00:"));
    const lost = await textOf(page, "#live");
    assertMatch(lost, /since 00:\d\d:\d\d UTC\. This is its last answer; retrying\.$/);
    assertEquals(await page.title(), "(lost) Credentials: which source is in use");
    assertStringIncludes(await textOf(page, "table"), "polaris:oauth");
    await takeScreenshot(page, "lost", { fullPage: false });
    server.start(new Hono().get("*", (c) => c.text("an error of a gateway", 502)));
    await advanceUntil(page, responseOf(page, 502));
    assertEquals(await textOf(page, "#live"), lost);
    await server.stop();
    server.start(new Hono().get("*", (c) => c.html("<p>the page of another server")));
    await advanceUntil(page, responseOf(page, 200));
    assertEquals(await textOf(page, "#live"), lost);
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
