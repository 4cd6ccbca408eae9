/**
 * Stands for `node:fs`, as far as the suite uses it: the site keeps the files. A
 * thread waits for its answer, as the tests rely on.
 */
let folders = 0;
const token = Math.random().toString(36).slice(2);

function ask(action, path, text) {
  const request = new XMLHttpRequest();
  request.open("POST", "/-/files", false);
  request.send(JSON.stringify({ action, path: String(path), text }));
  return JSON.parse(request.responseText);
}

export const existsSync = (path) => ask("read", path) !== null;
export function readFileSync(path) {
  const text = ask("read", path);
  if (text === null) throw new Error(`Needs the file ${path}, which browsers do not have`);
  return text;
}
export const writeFileSync = (path, text) => void ask("write", path, text);
export const appendFileSync = (path, text) => void ask("append", path, text);
export const rmSync = (path) => void ask("remove", path);
export const mkdtempSync = (start) => `${start}${token}-${folders++}`;
export function readdirSync() {
  throw new Error("Needs readdirSync of node:fs, which browsers do not have");
}
