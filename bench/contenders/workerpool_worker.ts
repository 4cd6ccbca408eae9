/**
 * The worker of workerpool.
 *
 * @module
 */
import workerpool from "workerpool";
import * as tasks from "../tasks.ts";

workerpool.worker({ ...tasks });
