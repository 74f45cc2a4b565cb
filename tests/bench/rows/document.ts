import { createResolver } from "../../../mod.ts";
import { fileChain } from "../chains.ts";
import { type Contest, sync } from "../measure.ts";
import { gather, type Load } from "../peers.ts";
import { awsIni, convictFile, unstorageFiles } from "../peers/documents.ts";
import { directoryOf, readText } from "../process.ts";
import { VALUES } from "../values.ts";
import { coldResolve } from "./environment.ts";

const DOCUMENT = "principal.json";
const DOCUMENT_BYTES = 200;

/** Resolves from a JSON document of 200 bytes. The floor reads and parses it without validation. */
export async function coldFromFile(load?: Load): Promise<Contest> {
  const bare = JSON.stringify({ ...VALUES, note: "" });
  const directory = directoryOf({
    [DOCUMENT]: JSON.stringify({ ...VALUES, note: "x".repeat(DOCUMENT_BYTES - bare.length) }),
    credentials:
      `[default]\naws_access_key_id = ${VALUES.client_id}\naws_secret_access_key = ${VALUES.client_secret}\n`,
    config: "",
  });
  const path = `${directory}/${DOCUMENT}`;
  return {
    subject: coldResolve(createResolver(fileChain(directory, DOCUMENT))),
    floor: sync(() => JSON.parse(readText(path))),
    peers: await gather(load, unstorageFiles(directory, DOCUMENT), awsIni(directory), convictFile(path)),
  };
}
