/**
 * Writes a document as a bootstrap step does: to a temporary file in the same directory, which is then renamed.
 *
 * @module
 */
const [path = "", text = ""] = Deno.args;
Deno.writeTextFileSync(`${path}.new`, text);
Deno.renameSync(`${path}.new`, path);
