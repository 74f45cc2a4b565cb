/**
 * Writes a document as a bootstrap step does, in a process of its own: beside its place, and renamed into it.
 *
 * @module
 */
const [path = "", text = ""] = Deno.args;
Deno.writeTextFileSync(`${path}.new`, text);
Deno.renameSync(`${path}.new`, path);
