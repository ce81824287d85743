// Where the code of this package is: `build/src`, a file for each module, or `dist`, bundled. Workers and daemons are started from there.

/** Not there in CommonJS that somebody's bundler has made. */
const here: string | undefined = import.meta.url;

/** As a URL with a slash at its end. This module is one folder below it, also in the bundle: tools/bundle.ts names its chunks so. */
export const codeFolder: string = here === undefined ? "file:///" : new URL("..", here).href;

/** The same with a `package.json` in it. Undefined when a bundler of somebody else has mixed this code with other code. */
export const packageFolder: string | undefined = /^(.*\/)(?:dist|build\/src)\/$/.exec(codeFolder)?.[1];

/** How frames of this package begin in stacks: compiled, and as source maps call them. None where it is mixed with other code. */
export const ownFolders: readonly string[] =
  packageFolder === undefined ? [] : [codeFolder, `${packageFolder}src/`].flatMap(inStacks);

/** They have URLs, or plain paths where source maps are on. */
function inStacks(url: string): readonly string[] {
  const path = url.replace("file://", "");
  return [path, decodeURIComponent(path)];
}
