import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { assertEquals, assertGreater } from "../../deps.ts";
import { fuzz } from "./fuzz_target.ts";
import { seeds } from "./fuzz_seeds.ts";

const corpus = new URL("./corpus/", import.meta.url);

test("Decoder withstands the fuzzer's corpus", { timeout: 60_000 }, () => {
  const names = readdirSync(corpus);
  assertGreater(names.length, 100);
  for (const name of names) {
    const bytes = new Uint8Array(readFileSync(new URL(name, corpus)));
    try {
      fuzz(bytes);
    } catch (cause) {
      throw new Error(`It does not withstand tests/codec/corpus/${name}`, { cause });
    }
  }
});

test("Decoder withstands every seed of the fuzzer, cut anywhere", { timeout: 60_000 }, () => {
  let whole = 0;
  for (const seed of seeds()) {
    for (let end = 0; end <= seed.length; end++) fuzz(seed.subarray(0, end));
    whole++;
  }
  assertEquals(whole, seeds().length);
});
