/** The package's version. tools/manifests.js sees to it that it is the one of the manifests. */
export const VERSION = "0.1.0";
