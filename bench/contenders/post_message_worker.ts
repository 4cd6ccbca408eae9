/**
 * The worker of bare `postMessage`.
 *
 * @module
 */
import { host } from "../harness/inside.ts";
import * as tasks from "../tasks.ts";
import type { TaskName } from "../harness/contender.ts";

host.receive((message) => {
  const { id, task, value } = message as { id: number; task: TaskName; value: never };
  host.send({ id, result: tasks[task](value) });
});
host.send({ id: -1 });
