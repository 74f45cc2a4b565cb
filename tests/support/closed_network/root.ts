import { fileURLToPath } from "node:url";

/** The repository's root, as a URL that ends in a slash. */
export const rootUrl: URL = new URL("../../../", import.meta.url);

/** The repository's root, as a path that ends in a slash. */
export const root: string = fileURLToPath(rootUrl);
