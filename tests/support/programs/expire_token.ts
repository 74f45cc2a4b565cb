/**
 * Queries a stand-in for Neo4j with a token that expires there between two queries, and prints the results and the
 * attempts to log on.
 *
 * @module
 */
import { neo4jAuth } from "../../../src/clients/neo4j.ts";
import { mintingResolver } from "../fixtures/minting_resolver.ts";
import { query, withDriver } from "../fixtures/neo4j_driver.ts";
import { startBoltStandIn } from "../stand_ins/bolt.ts";

await using standIn = startBoltStandIn("reader", "fake-1");
standIn.tokens.add("fake-token-1").add("fake-token-2");
const { resolver } = mintingResolver();
const results = await withDriver(standIn.url, neo4jAuth(resolver, "api:bearer"), async (driver) => {
  const before = await query(driver);
  standIn.expiredTokens.add("fake-token-1");
  return [before, await query(driver)];
});
console.log(JSON.stringify({ results, logons: standIn.logons }));
