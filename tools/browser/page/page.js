/**
 * Runs a test file on the page's own thread, or in a worker, which may block.
 * `report` is what drives this page.
 */
const { searchParams } = new URL(location.href);
const file = searchParams.get("file");
if (searchParams.get("thread") === "worker") {
  const worker = new Worker(`/-/run.js`, { type: "module" });
  worker.onmessage = ({ data }) => report(data);
  worker.onerror = async ({ message }) => {
    await report({ error: message });
    report({ end: true });
  };
  worker.postMessage(file);
} else {
  const { runFile } = await import("/-/run.js");
  await runFile(file, report);
}
