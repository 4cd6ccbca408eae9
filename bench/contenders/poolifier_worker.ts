/**
 * The worker of Poolifier.
 *
 * @module
 */
import { ThreadWorker } from "poolifier";
import * as tasks from "../tasks.ts";

export default new ThreadWorker({ ...tasks });
