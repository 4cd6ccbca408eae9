/** Stands for `node:os`, as far as the suite uses it. */
export const tmpdir = () => "/tmp";
