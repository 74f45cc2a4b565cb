import type { Page } from "npm:playwright-core@^1.65.1";
import { rootUrl } from "../closed_network/root.ts";

const SCRATCH = new URL(".cache/screenshots/", rootUrl);
const KEPT = new URL("tests/route/screenshots/", rootUrl);

/**
 * Takes a picture of a page, for people to look at: into `.cache/screenshots`, and where `UPDATE_SCREENSHOTS` is set
 * one that the README shows also into `tests/route/screenshots`.
 */
export async function takeScreenshot(page: Page, name: string, { kept = false, fullPage = true } = {}): Promise<void> {
  const picture = await page.screenshot({ fullPage, animations: "disabled", caret: "initial" });
  const places = kept && Deno.env.has("UPDATE_SCREENSHOTS") ? [SCRATCH, KEPT] : [SCRATCH];
  for (const place of places) {
    Deno.mkdirSync(place, { recursive: true });
    Deno.writeFileSync(new URL(`${name}.png`, place), picture);
  }
}
