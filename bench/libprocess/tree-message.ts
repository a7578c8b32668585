import { wireType, type GeneratedCodec } from '../../proto/wire/wire-type.ts';
import { enter, readTag, skipField } from '../../proto/wire/decode.ts';

/** Two numbers and some more of the same: `int32 a = 1; int32 b = 2; repeated Tree children = 3;`. */
export interface Tree {
  readonly a: number;
  readonly b: number;
  readonly children: readonly Tree[];
}

type Writer = Parameters<GeneratedCodec<Tree>['write']>[1];
type Reader = Parameters<GeneratedCodec<Tree>['read']>[0];

/** What the generator would write: the package has no such message. */
function write({ a, b, children }: Tree, w: Writer): void {
  w.uint32(8);
  w.int32(a);
  w.uint32(16);
  w.int32(b);
  for (const child of children) {
    w.uint32(26);
    w.fork();
    write(child, w);
    w.ldelim();
  }
}

function read(r: Reader, depth: number): Tree {
  let a = 0;
  let b = 0;
  const children: Tree[] = [];
  while (r.pos < r.len) {
    const tag = readTag(r);
    switch (tag) {
      case 8:
        a = r.int32();
        break;
      case 16:
        b = r.int32();
        break;
      case 26: {
        const outer = enter(r, depth);
        children.push(read(r, depth + 1));
        r.len = outer;
        break;
      }
      default:
        skipField(r, tag, depth);
    }
  }
  return { a, b, children };
}

export const Tree = wireType<Tree>('bench.Tree', {
  write,
  read,
  json: (tree) => JSON.stringify(tree),
  fields: () => [],
});

const BRANCHES = 4;

/** A tree of one message and `count` more below it, four to each, level by level. */
export function treeOf(count: number): Tree {
  const root = { a: 1, b: 1, children: [] as Tree[] };
  const open = [root];
  for (let made = 0; made < count; made += 1) {
    const parent = open[Math.floor(made / BRANCHES)];
    const child = { a: 1, b: 1, children: [] as Tree[] };
    parent?.children.push(child);
    open.push(child);
  }
  return root;
}
