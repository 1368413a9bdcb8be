// What an integrator's first afternoon looks like, with the generated types: ask, list, change, look back, be refused.
// Run as `node smoke.js BASE KEY`; ends with 1 at the first answer that is not the one expected.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./build/schema.js";

const [baseUrl, key] = process.argv.slice(2);
assert(baseUrl && key, "usage: node smoke.js BASE KEY");
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${key}` } });

function told(step: string, said: string): void {
  console.log(`    ${step.padEnd(10)} ${said}`);
}

function given<T>(value: T | undefined): T {
  assert(value !== undefined, "an answer without its body");
  return value;
}

async function ask(): Promise<void> {
  const allowed = await client.GET("/can-operate", {
    params: { query: { person: "E1001", equipment: "BC-02", process: "LIFT", purpose: "unlock" } },
  });
  assert.equal(given(allowed.data).allowed, true);
  const denied = await client.POST("/can-operate", { body: { person: "E1003", equipment: "BC-02", process: "LIFT", lang: "en" } });
  const answer: components["schemas"]["Answer"] = given(denied.data);
  const codes: components["schemas"]["ReasonCode"][] = answer.reasons.map((reason) => reason.code);
  assert.deepEqual([answer.decision, codes], ["deny", ["certificate_expired"]]);
  told("ask", `E1001 may, E1003 may not: ${answer.reasons[0]?.message}`);
  const trainee = { person: "E1010", equipment: "CNC-01", process: "MACHINING" };
  const batch = await client.POST("/can-operate/batch", { body: { questions: [trainee, { ...trainee, supervisor: "E1092" }] } });
  const decisions = given(batch.data).decisions.map((each) => each.decision);
  assert.deepEqual(decisions, ["conditional", "allow"]);
  told("batch", `a trainee alone and supervised: ${decisions.join(", ")}`);
}

async function list(): Promise<void> {
  let cursor: string | null = null;
  const codes: string[] = [];
  do {
    const query: { limit: number; site: string; cursor?: string } = cursor === null ? { limit: 8, site: "HAM" } : { limit: 8, site: "HAM", cursor };
    const page = given((await client.GET("/v1/equipment", { params: { query } })).data);
    codes.push(...page.items.map((item) => item.code));
    cursor = page.next_cursor;
  } while (cursor !== null);
  assert.equal(new Set(codes).size, 11);
  told("list", `${codes.length} machines at Hamburg, in pages of 8`);
}

async function change(): Promise<void> {
  const path = { code: "BC-03" };
  const read = await client.GET("/v1/equipment/{code}", { params: { path } });
  const tag = read.response.headers.get("etag");
  assert(tag);
  const body: components["schemas"]["EquipmentPut"] = { ...given(read.data), status: "locked_out" };
  const put = await client.PUT("/v1/equipment/{code}", { params: { path, header: { "If-Match": tag } }, body });
  assert.equal(given(put.data).status, "locked_out");
  const revision = Number(put.response.headers.get("revision"));
  const lost = await client.PUT("/v1/equipment/{code}", { params: { path, header: { "If-Match": tag } }, body: { ...body, status: "retired" } });
  assert.deepEqual([lost.response.status, lost.error?.code], [412, "precondition_failed"]);
  told("put", `revision ${revision}; with the version of before: ${lost.error?.code}`);
  const patched = await client.PATCH("/v1/equipment/{code}", { params: { path }, body: { status: "in_service" } });
  assert.equal(given(patched.data).status, "in_service");
  const history = given((await client.GET("/v1/equipment/{code}/history", { params: { path } })).data);
  const statuses = history.items.map((item) => item.after?.["status"]);
  assert.deepEqual(statuses, ["in_service", "locked_out", "in_service"]);
  told("history", statuses.join(" → "));
}

async function refused(): Promise<void> {
  const unknown = await client.PATCH("/v1/equipment/{code}", { params: { path: { code: "BC-03" } }, body: { equipment_class: "NONE" } });
  const problem: components["schemas"]["Problem"] | undefined = unknown.error;
  assert.deepEqual([unknown.response.status, problem?.code, problem?.errors[0]?.pointer], [422, "unknown_reference", "/equipment_class"]);
  told("error", `${unknown.response.status} ${problem?.errors[0]?.message}`);
  const stranger = createClient<paths>({ baseUrl: given(baseUrl) });
  const nobody = await stranger.GET("/v1/sites");
  assert.deepEqual([nobody.response.status, nobody.error?.code], [401, "unauthorized"]);
}

async function bulk(): Promise<void> {
  const lines = ["TS-1", "TS-2"].map((code) => JSON.stringify({ kind: "course", code, name: "Smoke" }));
  const sent = await client.POST("/v1/bulk", {
    params: { header: { "Idempotency-Key": "smoke-ts" } },
    body: `${lines.join("\n")}\n`,
    bodySerializer: (body) => body,
    headers: { "Content-Type": "application/x-ndjson" },
  });
  assert.equal(given(sent.data).created, 2);
  const gone = await client.DELETE("/v1/courses/{code}", { params: { path: { code: "TS-2" } } });
  assert.equal(gone.response.status, 204);
  told("bulk", "two courses made, one deleted");
}

await ask();
await list();
await change();
await refused();
await bulk();
