/**
 * A plugin for `deno lint`: names that only one folder of src/ may use.
 *
 * @module
 */

/** A name, or `Object.member`, that is confined to a folder. */
interface Confined {
  readonly folder: string;
  /** Another folder that the rule leaves alone. */
  readonly except?: string;
  readonly why: string;
  /** Variables of the global scope, also where reached as `globalThis.name`. */
  readonly globals?: readonly string[];
  /** Members, whatever they belong to. */
  readonly members?: readonly string[];
  /** Members of one global object. */
  readonly of?: Readonly<Record<string, readonly string[]>>;
}

const RULES: Readonly<Record<string, Confined>> = {
  "waits-in-sync": {
    folder: "sync",
    why: "waiting and waking follow one protocol, kept in one place",
    of: { Atomics: ["wait", "waitAsync", "notify"] },
  },
  "runtime-names": {
    folder: "runtime",
    except: "cli", // a program on the library, not a part of it: it runs in processes alone
    why: "all else runs unchanged on every runtime",
    globals: ["Deno", "Bun", "process", "self", "postMessage"],
    members: ["postMessage"],
  },
};

function ruleOf(confined: Confined): Deno.lint.Rule {
  const globals = new Set(confined.globals);
  const members = new Set(confined.members);
  return {
    create(context) {
      const folder = /[/\\]src[/\\]([^/\\]+)/.exec(context.filename)?.[1];
      if (folder === undefined || folder === confined.folder || folder === confined.except) {
        return {};
      }
      const report = (node: Deno.lint.Node, name: string) =>
        context.report({
          node,
          message: `Only src/${confined.folder} may name ${name}: ${confined.why}`,
        });
      return {
        Identifier(node) {
          if (globals.has(node.name) && !isLabel(node)) report(node, node.name);
        },
        MemberExpression(node) {
          const name = memberName(node);
          if (name === undefined) return;
          const object = variableName(node.object);
          if (members.has(name)) report(node, name);
          else if (object === "globalThis" && globals.has(name)) {
            report(node, name);
          } else if (
            (Object.hasOwn(confined.of ?? {}, object) && confined.of![object]!.includes(name))
          ) {
            report(node, `${object}.${name}`);
          }
        },
        VariableDeclarator(node) { // const { wait } = Atomics
          if (node.init?.type !== "Identifier") return;
          if (
            node.id.type === "ObjectPattern" && Object.hasOwn(confined.of ?? {}, node.init.name)
          ) {
            report(node, `parts of ${node.init.name}`);
          }
        },
      };
    },
  };
}

/** Whether the identifier only labels a property, and names no variable. */
function isLabel(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.property === node && !parent.computed;
    case "Property":
      return parent.key === node && !parent.computed && !parent.shorthand;
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
      return parent.key === node && !parent.computed;
    default:
      return false;
  }
}

/** The variable that an expression is, through `(x as T)` and the like. */
function variableName(node: Deno.lint.Expression): string {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
      return variableName(node.expression);
    default:
      return "";
  }
}

function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (!node.computed) {
    return node.property.type === "Identifier" ? node.property.name : undefined;
  }
  return node.property.type === "Literal" ? String(node.property.value) : undefined;
}

const plugin: Deno.lint.Plugin = {
  name: "multicore",
  rules: Object.fromEntries(
    Object.entries(RULES).map(([id, confined]) => [id, ruleOf(confined)]),
  ),
};

export default plugin;
