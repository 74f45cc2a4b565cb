import type { Page } from "npm:playwright-core@^1.65.1";
import { rootUrl } from "../closed_network/root.ts";

const SCRATCH = new URL(".cache/screenshots/", rootUrl);
const KEPT = new URL("tests/route/screenshots/", rootUrl);

/**
 * Takes a screenshot of a page into `.cache/screenshots`. One that is `kept` is also written to
 * `tests/route/screenshots`, for the README, if `UPDATE_SCREENSHOTS` is set.
 */
export async function takeScreenshot(page: Page, name: string, { kept = false, fullPage = true } = {}): Promise<void> {
  const image = await page.screenshot({ fullPage, animations: "disabled", caret: "initial" });
  const directories = kept && Deno.env.has("UPDATE_SCREENSHOTS") ? [SCRATCH, KEPT] : [SCRATCH];
  for (const directory of directories) {
    Deno.mkdirSync(directory, { recursive: true });
    Deno.writeFileSync(new URL(`${name}.png`, directory), image);
  }
}
