/** Stands for `node:process`, as far as the suite uses it. A thread ends by closing itself. */
const absent = (name) => () => {
  throw new Error(`Needs ${name} of node:process, which browsers do not have`);
};

export function exit() {
  close();
  // Until the pool ends it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

export default {
  versions: { browser: navigator.userAgent },
  exit,
  cpuUsage: absent("cpuUsage"),
  memoryUsage: absent("memoryUsage"),
  emit: absent("emit"),
  on: absent("on"),
  get pid() {
    return absent("pid")();
  },
};
