// OPA's WebAssembly in Node.js, speaking as `answering` does. Arguments: the folder of OPA's package, the file with the facts.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");

async function main(packageFolder, factsFile) {
  const { loadPolicy } = require(packageFolder);
  const facts = JSON.parse(fs.readFileSync(factsFile, "utf8"));
  const policy = await loadPolicy(Buffer.from(facts.wasm, "base64"));
  policy.setData(facts.data);
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, "package.json"), "utf8"));
  const say = (said) => process.stdout.write(JSON.stringify(said) + "\n");
  say({ version });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const answers = [];
    const ns = [];
    for (const [person, equipment, process_, day] of JSON.parse(line)) {
      const began = process.hrtime.bigint();
      const found = policy.evaluate({ person, equipment, process: process_, day });
      ns.push(Number(process.hrtime.bigint() - began));
      answers.push(found[0].result);
    }
    say({ answers, ns });
  }
}

main(process.argv[2], process.argv[3]);
